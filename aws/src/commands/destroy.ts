import { join } from 'node:path';

import { interruptedExitCode, PlumblineError } from 'plumbline/runtime';
import type { Invocation, Project, Run, Terminal } from 'plumbline/runtime';

import type { Cloud } from '../cloud/cloud.ts';
import { openCloud } from '../cloud/open-cloud.ts';
import type { Plan } from '../plan/plan.ts';
import { readPlan } from '../plan/read-plan.ts';
import { cdkLines } from './cdk-lines.ts';
import { checkAccount, findStack, isStuck } from './check-account.ts';
import { describeRemoval, withoutProtection } from './describe-removal.ts';
import type { Removal } from './describe-removal.ts';
import { notDeployed } from './not-deployed.ts';
import { awsFolder } from './prepare-deployment.ts';
import { runCdk } from './run-cdk.ts';
import { createSteps } from './steps.ts';
import type { Steps } from './steps.ts';
import { unlessInterrupted } from './unless-interrupted.ts';
import { writeAssembly } from './write-assembly.ts';

/** `plumbline destroy`: says what goes and what stays, and removes the stack when its name is given. */
export const run: Run = unlessInterrupted(async (invocation) => {
  const { terminal, start, signal, options } = invocation;
  const dryRun = options['dryRun'] === true;
  const steps = createSteps(terminal);
  const { project, plan } = await readPlan(start);
  refuseUnnamed(invocation, plan.name);
  const cloud = openCloud({ region: plan.region, variables: process.env, signal });
  const { account } = await steps.run(
    'Account',
    () => checkAccount(cloud, plan),
    (identity) => `${identity.account} in ${plan.region}, as ${identity.arn}`,
  );
  const stack = await findStack(cloud, plan, { toRemove: true });
  if (stack === undefined) throw notDeployed(plan);
  const template = (await cloud.stacks.template(plan.name)) ?? {};
  const removal = describeRemoval(template, await cloud.stacks.resources(plan.name), plan.region);
  printRemoval(removal, plan, terminal);
  const result = { stack: plan.name, account, region: plan.region, ...removal };
  if (dryRun || !(await isNamed(invocation, plan.name))) {
    terminal.print('Nothing was removed.');
    terminal.result({ ok: dryRun, destroyed: false, ...result });
    return dryRun ? 0 : 1;
  }
  try {
    const outDir = join(awsFolder(project), 'removal');
    await writeAssembly(plan.name, withoutProtection(template), outDir);
    const cdk = { invocation, project, plan, cloud, steps, outDir };
    // A stack that is stuck takes no change any more: what is protected is named when it cannot go.
    if (removal.protectedDatabases.length > 0 && !isStuck(stack)) await unprotect(cdk, removal);
    await cloud.stacks.protect(plan.name, false);
    await remove(cdk);
  } catch (error) {
    if (!signal.aborted) throw error;
    terminal.warn(
      `Interrupted. What CloudFormation has begun it ends by itself; \`plumbline status --aws\` shows the stack, \`plumbline destroy\` goes on. The stack is no longer protected from deletion: \`plumbline deploy\` protects it again.`,
    );
    return interruptedExitCode;
  }
  printRemainders(removal, terminal);
  terminal.result({ ok: true, destroyed: true, ...result });
  return 0;
});

/** `--yes` alone is too easily typed for this. */
function refuseUnnamed({ terminal, options }: Invocation, name: string): void {
  const given = options['name'];
  if (typeof given === 'string' && given !== name) {
    throw new PlumblineError('usage', {
      message: `--name is '${given}'; the stack of this project is '${name}'.`,
      remedy: 'Nothing was removed. Check that this is the project you mean.',
    });
  }
  const isAgreed = options['yes'] === true && given === name;
  if (isAgreed || options['dryRun'] === true || terminal.canAsk) return;
  throw new PlumblineError('usage', {
    message: 'Nobody can be asked here, and the stack is removed only when it is named.',
    remedy: `Look at \`plumbline destroy --dry-run\`, then run \`plumbline destroy --yes --name ${name}\`.`,
  });
}

async function isNamed({ terminal, options, signal }: Invocation, name: string): Promise<boolean> {
  if (options['yes'] === true && options['name'] === name) return true;
  if (!terminal.canAsk) return false;
  return (await terminal.ask(`Type the stack's name to remove it:`, signal)) === name;
}

function printRemoval(removal: Removal, plan: Plan, { print, paint }: Terminal): void {
  print();
  print(
    `${paint.bad('Goes')}   the stack ${plan.name} in ${plan.region}: ${removal.goes} resources, among them the database, the functions, the dashboards and their address.`,
  );
  if (removal.secrets.length > 0) {
    print(
      `       ${removal.secrets.length} secrets with their values, at once and for good: have a copy of those you filled in.`,
    );
  }
  for (const { what } of removal.stays) print(`${paint.good('Stays')}  ${what}`);
  if (!removal.stays.some(({ what }) => what.startsWith('a last snapshot'))) {
    print(paint.bad('       No snapshot of the database is kept: its data is lost.'));
  }
  print();
}

function printRemainders({ stays }: Removal, { print, paint }: Terminal): void {
  if (stays.length === 0) return;
  print();
  print(paint.strong('What is left costs until it is removed:'));
  for (const { what, remove } of stays) {
    print(`  ${what}`);
    print(`    ${paint.faint(remove)}`);
  }
  print('  the stack CDKToolkit with its bucket of code, a few cents; other stacks may use it');
}

interface Removing {
  readonly invocation: Invocation;
  readonly project: Project;
  readonly plan: Plan;
  readonly cloud: Cloud;
  readonly steps: Steps;
  readonly outDir: string;
}

/** RDS deletes no protected database, and CloudFormation gets stuck on it: first it has to be told so. */
async function unprotect(removing: Removing, removal: Removal): Promise<void> {
  await removing.steps.run(
    'Unprotected',
    () =>
      cdk(removing, 'be unprotected', [
        'deploy',
        removing.plan.name,
        '--require-approval',
        'never',
        '--progress',
        'events',
      ]),
    () => `deletion protection is off: ${removal.protectedDatabases.join(', ')}`,
  );
}

async function remove(removing: Removing): Promise<void> {
  await removing.steps.run(
    'Removed',
    () => cdk(removing, 'be removed', ['destroy', removing.plan.name, '--force']),
    () => removing.plan.name,
  );
}

async function cdk(removing: Removing, what: string, args: readonly string[]): Promise<void> {
  const { invocation, project, plan, cloud, outDir } = removing;
  const { signal, terminal } = invocation;
  const logFile = join(awsFolder(project), 'cdk.log');
  const lines = cdkLines(terminal);
  const sinceMs = Date.now();
  const exitCode = await runCdk({
    args: [...args, '--app', outDir],
    region: plan.region,
    logFile,
    variables: process.env,
    signal,
    onLine: lines.take,
  });
  signal.throwIfAborted();
  if (exitCode === 0) return;
  const reasons = await cloud.stacks.failures(plan.name, sinceMs).catch(() => []);
  const said = reasons.length === 0 ? (lines.last() ?? 'the CDK says nothing more') : reasons[0];
  throw new PlumblineError('aws-deploy-failed', {
    message: `The stack ${plan.name} could not ${what}: ${said}.`,
    remedy: `Correct what it names, then run \`plumbline destroy\` again. ${logFile} has all that the CDK said.`,
  });
}
