import { join } from 'node:path';

import { PlumblineError } from 'plumbline/runtime';

import type { StackState } from '../cloud/cloud.ts';
import { cdkLines } from './cdk-lines.ts';
import type { Target } from './deploy.ts';
import { awsFolder } from './prepare-deployment.ts';
import type { Deployment } from './prepare-deployment.ts';
import { runCdk } from './run-cdk.ts';

/** Failures that are told with the error; the console has all. */
const reasonsMax = 5;

/**
 * Deploys the assembly that was shown, and gives the stack as it is then. Throws `aws-deploy-failed`
 * with CloudFormation's own reasons; CloudFormation has put back what was there before.
 */
export async function deployStack(target: Target, { stack }: Deployment): Promise<StackState> {
  const { invocation, project, plan, cloud, steps, deployed } = target;
  const { signal, terminal } = invocation;
  const logFile = join(awsFolder(project), 'cdk.log');
  const lines = cdkLines(terminal);
  const sinceMs = Date.now();
  // A first deployment that failed leaves an empty, protected stack, which the CDK has to remove.
  if (deployed?.status === 'ROLLBACK_COMPLETE' && deployed.isProtected) {
    await cloud.stacks.protect(plan.name, false);
  }
  return steps.run(
    'Deployed',
    async () => {
      const exitCode = await runCdk({
        args: [
          'deploy',
          stack.stackName,
          '--app',
          stack.outDir,
          '--require-approval',
          'never',
          '--progress',
          'events',
        ],
        region: plan.region,
        logFile,
        variables: process.env,
        signal,
        onLine: lines.take,
      });
      signal.throwIfAborted();
      const found = await cloud.stacks.describe(plan.name);
      if (exitCode === 0 && found !== undefined) return found;
      const reasons = await cloud.stacks.failures(plan.name, sinceMs).catch(() => []);
      const said = reasons.length === 0 ? [lines.last() ?? 'the CDK says nothing more'] : reasons;
      throw new PlumblineError('aws-deploy-failed', {
        message: `The stack ${plan.name} was not deployed; it is ${found?.status ?? 'not there'}. ${said.slice(0, reasonsMax).join('; ')}.`,
        remedy: `Correct what the reasons name, then run \`plumbline deploy\` again. ${logFile} has all that the CDK said.`,
      });
    },
    ({ status }) => `${plan.name}: ${status}`,
  );
}
