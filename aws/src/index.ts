export { commands } from './commands/commands.ts';
export type { Plan } from './plan/plan.ts';
