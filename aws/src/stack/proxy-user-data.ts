import type { Plan } from '../plan/plan.ts';

export interface ProxyRefs {
  readonly databaseHost: string;
  readonly databaseHostReader: string;
  readonly region: string;
  readonly webCode: string;
  readonly eipAllocationId: string;
  readonly landingBucket: string;
  readonly databaseName: string;
}

/** Stands in until `aws/src/proxy` has its own. */
export function createUserData(plan: Plan, refs: ProxyRefs): string {
  return `#!/bin/bash\n# ${plan.name} ${Object.values(refs).join(' ')}\n`;
}
