import type { Template } from '../template.ts';
import {
  databaseCapacity,
  databasePlace,
  databaseTls,
  privateDatabase,
  safeDatabase,
} from './check-database.ts';
import { functionLimits, functionLoops, functionPlace, uploadQueues } from './check-functions.ts';
import { databaseIngress, ingressCount, ingressPorts, openIngress } from './check-ingress.ts';
import { instances } from './check-instances.ts';
import { roles, wildcards } from './check-policies.ts';
import { alarms, schedulerRole, schedules } from './check-schedules.ts';
import { inlineSecrets, secretVariables } from './check-secrets.ts';
import { lifecycle, notifications, safeBuckets, safeQueues } from './check-storage.ts';
import { resourceTypes } from './check-types.ts';
import type { Check, Finding } from './finding.ts';

/** What neither CDK's rules nor cdk-nag look at, in the order in which people would ask. */
export const templateChecks: readonly Check[] = [
  resourceTypes,
  openIngress,
  ingressPorts,
  ingressCount,
  databaseIngress,
  privateDatabase,
  databasePlace,
  databaseTls,
  safeDatabase,
  databaseCapacity,
  instances,
  inlineSecrets,
  secretVariables,
  wildcards,
  roles,
  safeBuckets,
  safeQueues,
  lifecycle,
  notifications,
  uploadQueues,
  schedules,
  schedulerRole,
  functionLimits,
  functionPlace,
  functionLoops,
  alarms,
];

/** Everything in a template that must not be deployed. Pure: a template that was read from AWS will do. */
export function checkTemplate(template: Template): readonly Finding[] {
  return templateChecks.flatMap(({ name, find }) =>
    find(template).map((found) => ({ check: name, ...found })),
  );
}
