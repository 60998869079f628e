export { commands } from './commands/commands.ts';
export { defineAws } from './settings/define-aws.ts';
export type {
  AlarmSettings,
  AwsSettings,
  CertificateSettings,
  DatabaseSettings,
  FunctionSettings,
  LandingSettings,
  NetworkSettings,
  ProxySettings,
} from './settings/define-aws.ts';
export type { Reasoned } from './settings/reasoned.ts';
export type { Plan } from './plan/plan.ts';
