import { join } from 'node:path';

import { PlumblineError } from 'plumbline/runtime';

import { cdkLines } from './cdk-lines.ts';
import type { Target } from './deploy.ts';
import { awsFolder } from './prepare-deployment.ts';
import { runCdk } from './run-cdk.ts';

/** Prepares account and region for the CDK, by the CDK. Throws `aws-deploy-failed`. */
export async function bootstrap({
  invocation,
  project,
  plan,
  identity,
  steps,
}: Target): Promise<void> {
  const logFile = join(awsFolder(project), 'cdk.log');
  const lines = cdkLines(invocation.terminal);
  await steps.run(
    'Bootstrap',
    async () => {
      const exitCode = await runCdk({
        args: ['bootstrap', `aws://${identity.account}/${plan.region}`],
        region: plan.region,
        logFile,
        variables: process.env,
        signal: invocation.signal,
        onLine: lines.take,
      });
      invocation.signal.throwIfAborted();
      if (exitCode === 0) return;
      throw new PlumblineError('aws-deploy-failed', {
        message: `Account ${identity.account} could not be prepared for the CDK in ${plan.region}: ${lines.last() ?? 'the CDK says nothing more'}.`,
        remedy: `Read ${logFile}, correct what it names, then run \`plumbline deploy\` again.`,
      });
    },
    () => 'account and region are ready for the CDK',
  );
}
