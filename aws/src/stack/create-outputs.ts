import { CfnOutput } from 'aws-cdk-lib';
import type { Stack } from 'aws-cdk-lib';

import type { FunctionPlan, Plan } from '../plan/plan.ts';
import type { Database } from './create-database.ts';
import type { LandingBucket } from './create-landing-bucket.ts';
import type { Secrets } from './create-secrets.ts';
import { functionName } from './function-name.ts';

export interface Made {
  readonly database: Database;
  readonly landing: LandingBucket;
  readonly secrets: Secrets;
  readonly proxyAddress: string;
  readonly egressAddress: string | undefined;
  readonly alarmTopic: string;
  /** ARN by source, of the queues that buckets outside of the stack are to tell of uploads. */
  readonly uploadQueues: ReadonlyMap<string, string>;
}

/** What `deploy`, `status` and `logs` read when the stack is there. */
export function createOutputs(stack: Stack, plan: Plan, made: Made): void {
  const output = (id: string, value: string, description: string): void => {
    new CfnOutput(stack, id, { value, description });
  };
  const namesOf = (kind: FunctionPlan['kind']): Record<string, string> =>
    Object.fromEntries(
      plan.functions
        .filter((each) => each.kind === kind)
        .map(({ id, job }) => [job, functionName(plan, id)]),
    );
  const nameOf = (kind: FunctionPlan['kind']): string => Object.values(namesOf(kind))[0] ?? '';
  output('ProxyAddress', made.proxyAddress, 'Where people and BI tools connect');
  if (made.egressAddress !== undefined) {
    output('EgressAddress', made.egressAddress, 'The address that other APIs see');
  }
  output('DatabaseEndpoint', made.database.host, 'Host name of the database, inside the network');
  output('DatabaseName', plan.database.databaseName, 'The database in it');
  output('LandingBucket', made.landing.name, 'Where files are dropped and copies kept');
  output('MigrateFunction', nameOf('migrate'), 'Migrates the warehouse');
  output('ReleaseFunction', nameOf('release'), 'Releases the models');
  output('IngestFunctions', JSON.stringify(namesOf('ingest')), 'Function by source');
  output('DigestFunctions', JSON.stringify(namesOf('digest')), 'Function by digest');
  output('AlarmTopic', made.alarmTopic, 'Topic of the alarms');
  output('UserSecrets', jsonOf(stack, made.secrets.users), 'Secret by database user');
  output('SecretNames', jsonOf(stack, made.secrets.variables), 'Secret by variable');
  if (made.uploadQueues.size > 0) {
    output('UploadQueues', jsonOf(stack, made.uploadQueues), 'Queue by source, for other buckets');
  }
}

function jsonOf(stack: Stack, entries: ReadonlyMap<string, string>): string {
  return entries.size === 0 ? '{}' : stack.toJsonString(Object.fromEntries(entries));
}
