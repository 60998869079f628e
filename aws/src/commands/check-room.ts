import { PlumblineError } from 'plumbline/runtime';

import type { Cloud } from '../cloud/cloud.ts';
import type { Plan } from '../plan/plan.ts';

/**
 * Lambda keeps so many for functions that reserve none, and refuses a reservation that would leave
 * fewer: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
const keptUnreserved = 100;

/**
 * What a first deployment would fail at, halfway: an account that may not run as many functions at once
 * as the plan reserves (a new one may have ten), and a bucket whose name is taken. Gives what there is,
 * for people. Throws `aws-no-room`.
 */
export async function checkRoom(cloud: Cloud, plan: Plan): Promise<string> {
  await checkBucket(cloud, plan);
  const reserved = plan.functions.reduce((sum, each) => sum + (each.reservedConcurrency ?? 0), 0);
  if (reserved === 0) return 'no concurrency is reserved';
  const { limit, unreserved } = await cloud.functions.concurrency();
  const free = Math.max(0, unreserved - keptUnreserved);
  if (reserved > free) {
    throw new PlumblineError('aws-no-room', {
      message: `The plan reserves ${reserved} concurrent invocations, and in ${plan.region} the account has ${free} to reserve: ${limit} in all, ${unreserved} not reserved yet, of which Lambda keeps ${keptUnreserved}.`,
      remedy: `Ask AWS for 1000 (free, usually within a day): \`aws service-quotas request-service-quota-increase --region ${plan.region} --service-code lambda --quota-code L-B99A9384 --desired-value 1000\`. Or, until then, in plumbline.aws.ts: functions: { reservedConcurrency: { value: 'off', because: 'a new account' } }.`,
    });
  }
  return `${reserved} of ${free} concurrent invocations`;
}

async function checkBucket(cloud: Cloud, { landing, name }: Plan): Promise<void> {
  if (landing.bucket === undefined) return;
  const owner = await cloud.buckets.owner(landing.bucket);
  if (owner === 'nobody') return;
  throw new PlumblineError('aws-no-room', {
    message: `The bucket ${landing.bucket} (plumbline.aws.ts, landing.bucket) is there already, and belongs to ${owner === 'someone else' ? 'someone else, or lies in another region' : owner}; the stack makes its own.`,
    remedy:
      owner === 'this account'
        ? `Choose another name, there and in sources/. If it is what an earlier ${name} left behind, copy what is still needed, then remove it: \`aws s3 rb s3://${landing.bucket} --force\` (versions of objects first).`
        : 'Names of buckets are unique in the world: choose another one, there and in sources/.',
  });
}
