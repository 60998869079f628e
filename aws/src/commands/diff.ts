import type { Run } from 'plumbline/runtime';

import { openCloud } from '../cloud/open-cloud.ts';
import { readPlan } from '../plan/read-plan.ts';
import { checkAccount, findStack } from './check-account.ts';
import { prepareDeployment } from './prepare-deployment.ts';
import { printDeployment } from './print-deployment.ts';
import { createSteps } from './steps.ts';

/** `plumbline diff`: what a deployment would change. Exit code 0 either way. */
export const run: Run = async ({ terminal, start, options, signal }) => {
  const steps = createSteps(terminal);
  const { project, plan } = await steps.run(
    'Project',
    () => readPlan(start),
    (read) => `${read.project.sources.size} sources, ${read.plan.schedules.length} schedules`,
  );
  const isOffline = options['offline'] === true;
  const cloud = isOffline
    ? undefined
    : openCloud({ region: plan.region, variables: process.env, signal });
  if (cloud !== undefined) {
    await steps.run(
      'Account',
      () => checkAccount(cloud, plan),
      ({ account, arn }) => `${account} in ${plan.region}, as ${arn} (${cloud.credentials})`,
    );
  }
  const deployed = cloud === undefined ? undefined : await findStack(cloud, plan);
  const deployment = await prepareDeployment({ project, plan, steps, cloud, deployed });
  printDeployment(deployment, terminal);
  if (isOffline) terminal.print('Compared with nothing: --offline asks AWS nothing.');
  const { changes, price, security } = deployment;
  terminal.result({
    ok: true,
    stack: plan.name,
    region: plan.region,
    compared: isOffline ? null : (deployed?.status ?? 'not deployed'),
    changes,
    monthCents: price.totalCents,
    security,
  });
  return 0;
};
