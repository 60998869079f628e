import type { AwsPackage } from 'plumbline/runtime';

/**
 * What the command line of plumbline runs by name (`plumbline cost`, `plumbline status --aws`). Help,
 * options and examples of each are in plumbline's own table, `src/cli/aws-commands.ts`; the code of
 * each is loaded only when it runs.
 */
export const commands: AwsPackage['commands'] = {
  check: () => import('./check.ts'),
  cost: () => import('./cost.ts'),
  deploy: () => import('./deploy.ts'),
  destroy: () => import('./destroy.ts'),
  diff: () => import('./diff.ts'),
  init: () => import('./init.ts'),
  logs: () => import('./logs.ts'),
  status: () => import('./status.ts'),
};
