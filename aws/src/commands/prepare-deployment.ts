import { join } from 'node:path';

import type { Project } from 'plumbline/runtime';

import { bundleProject } from '../bundle/bundle-project.ts';
import type { StackState } from '../cloud/cloud.ts';
import type { Cloud } from '../cloud/cloud.ts';
import type { Plan } from '../plan/plan.ts';
import { loads } from '../price/load.ts';
import { priceOf } from '../price/price-of.ts';
import type { PriceTable } from '../price/price-of.ts';
import { securitySummary } from '../stack/security-summary.ts';
import type { SummaryLine } from '../stack/security-summary.ts';
import { synthesize } from '../stack/synthesize.ts';
import type { SynthesizedStack } from '../stack/synthesize.ts';
import { compareTemplates } from './compare-templates.ts';
import type { ResourceChange } from './compare-templates.ts';
import { keepSecrets } from './keep-secrets.ts';
import { readResourceFacts } from './read-resource-facts.ts';
import type { Steps } from './steps.ts';

/** What is to be deployed, with all that is shown before the question. */
export interface Deployment {
  readonly plan: Plan;
  readonly stack: SynthesizedStack;
  readonly price: PriceTable;
  readonly security: readonly SummaryLine[];
  readonly changes: readonly ResourceChange[];
}

export interface PrepareOptions {
  readonly project: Project;
  readonly plan: Plan;
  readonly steps: Steps;
  /** Undefined: AWS is not asked, and everything counts as added. */
  readonly cloud: Cloud | undefined;
  /** As it is deployed; undefined before the first time. */
  readonly deployed: StackState | undefined;
  /** Let go of secrets that nothing in the project uses any more. Default: they stay in the stack. */
  readonly dropsSecrets?: boolean;
}

/** Where a project keeps what is made for AWS: code, the cloud assembly, logs of the CDK. */
export const awsFolder = (project: Project): string => join(project.dir, '.plumbline', 'aws');

/** Bundles, synthesizes with all checks, and compares. Nothing of it reaches the account. */
export async function prepareDeployment(options: PrepareOptions): Promise<Deployment> {
  const { project, steps, cloud, deployed, dropsSecrets = false } = options;
  const folder = awsFolder(project);
  const before =
    // What was rolled back on its first deployment is not there, though its template is.
    cloud === undefined || deployed === undefined || deployed.status === 'ROLLBACK_COMPLETE'
      ? undefined
      : await cloud.stacks.template(options.plan.name);
  const plan = dropsSecrets ? options.plan : keepSecrets(options.plan, before);
  const code = await steps.run(
    'Code',
    () => bundleProject({ project, plan, outDir: join(folder, 'code') }),
    ({ functions }) => `${functions.size} functions and the dashboards`,
  );
  const stack = await steps.run(
    'Stack',
    () => synthesize({ plan, code, outDir: join(folder, 'assembly') }),
    ({ template, checks }) =>
      `${Object.keys(template.Resources).length} resources; passes ${checks.map(({ name }) => name).join(', ')}`,
  );
  const changes = compareTemplates(before, stack.template, await readResourceFacts());
  return {
    plan,
    stack,
    price: priceOf(plan, loads.usual),
    security: securitySummary(stack.template, plan),
    changes,
  };
}
