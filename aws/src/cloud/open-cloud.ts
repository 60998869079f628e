import { PlumblineError } from 'plumbline/runtime';

import { cloudError } from './cloud-error.ts';
import type { Cloud, Identity } from './cloud.ts';
import type { Connection } from './connection.ts';
import { openBuckets } from './open-buckets.ts';
import { openFunctions } from './open-functions.ts';
import { openLogs } from './open-logs.ts';
import { openSecrets } from './open-secrets.ts';
import { openStacks } from './open-stacks.ts';
import { openWatch } from './open-watch.ts';

export interface CloudOptions {
  readonly region: string;
  /** Of the process: AWS_PROFILE, AWS_ACCESS_KEY_ID. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** AWS in one region, by the credentials of the environment. Each SDK is loaded when it is first used. */
export function openCloud({ region, variables, signal }: CloudOptions): Cloud {
  const credentials = credentialsPlace(variables);
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) throw error;
      throw cloudError(error, { region, credentials });
    }
  };
  const connection: Connection = { region, credentials, signal, guard };
  return {
    region,
    credentials,
    identity: () => readIdentity(connection),
    stacks: openStacks(connection),
    functions: openFunctions(connection),
    buckets: openBuckets(connection),
    secrets: openSecrets(connection),
    watch: openWatch(connection),
    logs: openLogs(connection),
  };
}

/** In the order in which the SDK looks. */
function credentialsPlace(variables: CloudOptions['variables']): string {
  const { AWS_PROFILE: profile, AWS_ACCESS_KEY_ID: key } = variables;
  if (profile !== undefined && profile !== '') return `profile '${profile}'`;
  if (key !== undefined && key !== '') return 'AWS_ACCESS_KEY_ID';
  return "AWS_ACCESS_KEY_ID, then profile 'default'";
}

/**
 * Who the credentials are. A region that the account has not enabled refuses every key, as if it were
 * wrong: that they hold in the first region of AWS tells the two apart.
 */
async function readIdentity(connection: Connection): Promise<Identity> {
  const { region, guard } = connection;
  try {
    return await guard(() => callerIdentity(connection, region));
  } catch (error) {
    const isRefused = error instanceof PlumblineError && error.code === 'aws-credentials';
    const cause = isRefused && error.cause instanceof Error ? error.cause.name : '';
    if (!/InvalidClientTokenId|UnrecognizedClient/.test(cause) || region === homeRegion)
      throw error;
    const elsewhere = await callerIdentity(connection, homeRegion).catch(() => undefined);
    if (elsewhere === undefined) throw error;
    throw new PlumblineError('aws-region', {
      message: `Account ${elsewhere.account} has not enabled the region ${region}; its credentials hold in ${homeRegion}.`,
      remedy: `Enable it (\`aws account enable-region --region-name ${region}\`, takes minutes), or set \`region\` in plumbline.aws.ts to one that is.`,
      cause: error,
    });
  }
}

const homeRegion = 'us-east-1';

async function callerIdentity({ signal }: Connection, region: string): Promise<Identity> {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient({ region });
  const { Account = '', Arn = '' } = await client.send(new GetCallerIdentityCommand(), {
    abortSignal: signal,
  });
  return { account: Account, arn: Arn };
}
