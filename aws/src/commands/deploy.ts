import { interruptedExitCode, PlumblineError, readEnvironment } from 'plumbline/runtime';
import type { Invocation, Project, Run, Terminal } from 'plumbline/runtime';

import type { Cloud, Identity, StackState } from '../cloud/cloud.ts';
import { openCloud } from '../cloud/open-cloud.ts';
import type { Plan } from '../plan/plan.ts';
import { readPlan } from '../plan/read-plan.ts';
import { agree } from './agree.ts';
import { bootstrap } from './bootstrap.ts';
import { checkAccount, findBootstrap, findStack, notBootstrapped } from './check-account.ts';
import { checkRoom } from './check-room.ts';
import { describeSecrets, findSecrets, refuseMissing } from './check-secrets.ts';
import type { SecretsFound } from './check-secrets.ts';
import { endangersData } from './compare-templates.ts';
import { deployStack } from './deploy-stack.ts';
import { finishDeployment } from './finish-deployment.ts';
import { prepareDeployment } from './prepare-deployment.ts';
import type { Deployment } from './prepare-deployment.ts';
import { printDeployment } from './print-deployment.ts';
import { createSteps } from './steps.ts';
import type { Steps } from './steps.ts';
import { unlessInterrupted } from './unless-interrupted.ts';

/** A deployment that has been looked at, with where it goes. */
export interface Target {
  readonly invocation: Invocation;
  readonly project: Project;
  readonly plan: Plan;
  readonly cloud: Cloud;
  readonly identity: Identity;
  readonly steps: Steps;
  readonly deployed: StackState | undefined;
  readonly secrets: SecretsFound;
  /** False: the account has to be prepared for the CDK first. */
  readonly isBootstrapped: boolean;
}

/**
 * `plumbline deploy`: every step up to the question only looks; what it refuses, it refuses before
 * anything is created.
 */
export const run: Run = unlessInterrupted(async (invocation) => {
  const { terminal, options } = invocation;
  const dryRun = options['dryRun'] === true;
  refuseUnasked(terminal, options['yes'] === true || dryRun);
  const target = await findTarget(invocation);
  const { plan, cloud } = target;
  const replacesData = options['replaceData'] === true;
  const deployment = await prepareDeployment({ ...target, dropsSecrets: replacesData });
  printDeployment(deployment, terminal);
  refuseLoss(deployment, replacesData);
  if (dryRun) {
    terminal.print('Nothing was changed: this was --dry-run.');
    terminal.result({ ok: true, deployed: false, ...resultOf(target, deployment) });
    return 0;
  }
  const where = `account ${target.identity.account}, ${plan.region}`;
  if (!(await agree(invocation, `Deploy ${plan.name} to ${where}?`))) {
    terminal.print('Nothing was changed.');
    terminal.result({ ok: false, deployed: false, ...resultOf(target, deployment) });
    return 1;
  }
  try {
    if (!target.isBootstrapped) await bootstrap(target);
    const stack = await deployStack(target, deployment);
    const finished = await finishDeployment(target, stack);
    terminal.result({ ok: true, deployed: true, ...resultOf(target, deployment), ...finished });
    return 0;
  } catch (error) {
    if (!invocation.signal.aborted) throw error;
    await sayInterrupted(terminal, cloud, plan);
    return interruptedExitCode;
  }
});

/** A question that nobody can answer is refused before minutes are spent on the way to it. */
function refuseUnasked(terminal: Terminal, isAgreed: boolean): void {
  if (isAgreed || terminal.canAsk) return;
  throw new PlumblineError('usage', {
    message: 'Nobody can be asked here, and a deployment needs a yes.',
    remedy: 'Look at `plumbline deploy --dry-run`, then run `plumbline deploy --yes`.',
  });
}

/** Project, account and secrets, each checked. */
async function findTarget(invocation: Invocation): Promise<Target> {
  const { terminal, start, signal, options } = invocation;
  const steps = createSteps(terminal);
  const { project, plan } = await steps.run(
    'Project',
    () => readPlan(start),
    (read) => `${read.project.sources.size} sources, ${read.plan.schedules.length} schedules`,
  );
  const cloud = openCloud({ region: plan.region, variables: process.env, signal });
  const identity = await steps.run(
    'Account',
    () => checkAccount(cloud, plan),
    ({ account, arn }) => `${account} in ${plan.region}, as ${arn} (${cloud.credentials})`,
  );
  const version = await findBootstrap(cloud);
  const mayBootstrap = options['bootstrap'] === true || terminal.canAsk;
  if (version === undefined && !mayBootstrap && options['dryRun'] !== true) {
    throw notBootstrapped(cloud, identity);
  }
  const deployed = await findStack(cloud, plan);
  // What is deployed has its room already.
  if (deployed === undefined || deployed.status === 'ROLLBACK_COMPLETE') {
    await steps.run(
      'Room',
      () => checkRoom(cloud, plan),
      (room) => room,
    );
  }
  const env = await readEnvironment(project.dir, { variables: process.env });
  const secrets = await steps.run('Secrets', () => findSecrets(cloud, plan, env), describeSecrets);
  if (options['withoutSecrets'] !== true) refuseMissing(secrets);
  if (version === undefined) {
    terminal.print(
      `  The account has not been prepared for the CDK in ${plan.region}: a bucket and roles (stack CDKToolkit) are made first.`,
    );
  }
  const isBootstrapped = version !== undefined;
  return { invocation, project, plan, cloud, identity, steps, deployed, secrets, isBootstrapped };
}

/** A replaced database is an empty one. Nothing of that kind goes through unsaid. */
function refuseLoss({ changes }: Deployment, isAgreed: boolean): void {
  const endangered = changes.filter((change) => endangersData(change));
  if (isAgreed || endangered.length === 0) return;
  const each = endangered.map(({ id, kind, properties }) => {
    const because = properties.length === 0 ? '' : ` for its ${properties.join(', ')}`;
    return `${id} would be ${kind}${because}`;
  });
  throw new PlumblineError('aws-data-endangered', {
    message: `This would take away what holds data: ${each.join('; ')}.`,
  });
}

function resultOf({ plan, identity }: Target, { changes, price, security }: Deployment) {
  return {
    stack: plan.name,
    account: identity.account,
    region: plan.region,
    changes,
    monthCents: price.totalCents,
    security,
  };
}

async function sayInterrupted(terminal: Terminal, cloud: Cloud, plan: Plan): Promise<void> {
  // The signal is used up: a client of its own asks how things stand.
  const fresh = openCloud({
    region: cloud.region,
    variables: process.env,
    signal: AbortSignal.timeout(15_000),
  });
  const stack = await fresh.stacks.describe(plan.name).catch(() => undefined);
  const status = stack?.status ?? 'not there';
  const goesOn = status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS';
  terminal.warn(
    goesOn
      ? `Interrupted. CloudFormation goes on by itself: the stack ${plan.name} is in ${status}. See \`plumbline status --aws\`; when it is at rest, run \`plumbline deploy\` again, which also migrates the warehouse.`
      : `Interrupted. The stack ${plan.name} is ${status}. Run \`plumbline deploy\` again: it takes up from there.`,
  );
  terminal.result({ ok: false, deployed: false, interrupted: true, stack: plan.name, status });
}
