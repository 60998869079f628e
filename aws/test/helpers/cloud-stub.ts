import http from 'node:http';
import type { AddressInfo } from 'node:net';

import { createCloudFormation } from './cloud-formation-stub.ts';
import type { CloudFormationStub } from './cloud-formation-stub.ts';
import { xmlAnswer, xmlError } from './query-xml.ts';

/** As much of AWS as the commands and the CDK's own command line ask, on a free loopback port. */
export interface CloudStub extends CloudFormationStub {
  /** Variables that lead the SDKs here, with keys that no account has. */
  readonly env: Readonly<Record<string, string>>;
  /** Everything that was asked, in order: `sts:GetCallerIdentity`. */
  readonly asked: string[];
  /** Of those what creates, changes or removes anything. */
  readonly changes: () => readonly string[];
  /** What nobody has taught the stub; must stay empty. */
  readonly unknown: readonly string[];
  /** By region; what STS answers to every key there. `*` is every region. */
  readonly refuse: Map<string, { code: string; message: string; status?: number }>;
  /** By `service:Action`; what is answered instead. */
  readonly fail: Map<string, { code: string; message: string; status?: number }>;
  /** Functions by name: what they answer. */
  readonly functions: Map<string, (event: unknown) => unknown>;
  readonly invoked: { readonly name: string; readonly event: unknown }[];
  /** Values of secrets by name; undefined: it exists and is empty. */
  readonly secrets: Map<string, string | undefined>;
  /** Log events by group. */
  readonly logs: Map<string, { timestamp: number; message: string }[]>;
  readonly alarms: { name: string; reason: string }[];
  /** Depth by name of the queue. */
  readonly queues: Map<string, number>;
  readonly account: string;
  /** What Lambda says of the account; `limit` and what nobody has reserved. */
  readonly concurrency: { limit: number; unreserved: number };
  /** Names of buckets that are there: 200 for the account's own, 403 for those of others. */
  readonly buckets: Map<string, 200 | 403>;
  /** Rejects when anything was asked that it has not been taught. */
  readonly close: () => Promise<void>;
}

type Json = Record<string, unknown>;

interface Asked {
  readonly service: string;
  readonly action: string;
  readonly region: string;
  readonly input: Json;
}

const account = '111122223333';
/** What reads only; all else counts as a change. */
const reads = /:(?:Get|List|Describe|Head|Filter|AssumeRole)/;

export async function startCloudStub(): Promise<CloudStub> {
  const asked: string[] = [];
  const unknown: string[] = [];
  const refuse: CloudStub['refuse'] = new Map();
  const fail: CloudStub['fail'] = new Map();
  const functions: CloudStub['functions'] = new Map();
  const invoked: { name: string; event: unknown }[] = [];
  const secrets: CloudStub['secrets'] = new Map();
  const logs: CloudStub['logs'] = new Map();
  const alarms: { name: string; reason: string }[] = [];
  const queues: CloudStub['queues'] = new Map();
  const concurrency = { limit: 1000, unreserved: 1000 };
  const buckets: CloudStub['buckets'] = new Map();
  const objects = new Map<string, Buffer>();
  const cloudFormation = createCloudFormation({
    account,
    objects,
    onDeploy: (template) => {
      for (const resource of Object.values(template.Resources ?? {})) {
        const { Name, GenerateSecretString } = resource.Properties ?? {};
        if (resource.Type !== 'AWS::SecretsManager::Secret' || typeof Name !== 'string') continue;
        if (!secrets.has(Name)) {
          secrets.set(Name, GenerateSecretString === undefined ? undefined : 'generated');
        }
      }
    },
  });

  const server = http.createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      unknown.push(String(error));
      response.writeHead(500).end();
    });
  });

  async function answer(request: http.IncomingMessage, response: http.ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const target = request.headers['x-amz-target'];
    const scope = /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(
      request.headers.authorization ?? '',
    );
    const region = scope?.[1] ?? '';
    const service = scope?.[2] ?? '';
    if (service === 's3') return answerS3(request, response, body);
    if (service === 'lambda') return answerLambda(request, response, body);
    const json = typeof target === 'string';
    const form = json ? undefined : Object.fromEntries(new URLSearchParams(body.toString('utf8')));
    const action = json ? (target.split('.').at(-1) ?? '') : (form?.['Action'] ?? '');
    const input = (form ?? JSON.parse(body.toString('utf8') || '{}')) as Json;
    const name = `${service}:${action}`;
    asked.push(name);
    const wrong = refuse.get(region) ?? refuse.get('*') ?? fail.get(name);
    const send = (status: number, type: string, text: string): void =>
      void response.writeHead(status, { 'content-type': type }).end(text);
    if (wrong !== undefined) {
      const { code, message, status = 403 } = wrong;
      if (json) {
        send(status, 'application/x-amz-json-1.1', JSON.stringify({ __type: code, message }));
      } else send(status, 'text/xml', xmlError(code, message));
      return;
    }
    if (json) {
      const value = answerJson({ service, action, region, input });
      if (value === undefined) unknown.push(name);
      const failed = value !== undefined && '__type' in value;
      send(
        value === undefined || failed ? 400 : 200,
        'application/x-amz-json-1.1',
        JSON.stringify(value ?? { __type: 'UnknownOperation', message: name }),
      );
      return;
    }
    const value =
      service === 'sts'
        ? answerSts(action)
        : cloudFormation.answer(action, input as Record<string, string>);
    if (value === undefined) unknown.push(name);
    if (value === undefined || 'error' in value) {
      const error = (value?.['error'] ?? name) as string;
      send(400, 'text/xml', xmlError((value?.['code'] ?? 'ValidationError') as string, error));
    } else send(200, 'text/xml', xmlAnswer(action, value));
  }

  function answerSts(action: string): Json | undefined {
    if (action === 'GetCallerIdentity') {
      return { Account: account, Arn: `arn:aws:iam::${account}:user/ann`, UserId: 'AIDAANN' };
    }
    if (action !== 'AssumeRole') return undefined;
    return {
      Credentials: {
        AccessKeyId: 'ASIASTUB',
        SecretAccessKey: 'stub',
        SessionToken: 'stub',
        Expiration: new Date(Date.now() + 3_600_000).toISOString(),
      },
      AssumedRoleUser: { Arn: `arn:aws:sts::${account}:assumed-role/cdk/x`, AssumedRoleId: 'x:x' },
    };
  }

  function answerJson({ service, action, input }: Asked): Json | undefined {
    if (service === 'ssm' && action === 'GetParameter') {
      return cloudFormation.stacks.has('CDKToolkit')
        ? { Parameter: { Name: input['Name'], Type: 'String', Value: '30', Version: 1 } }
        : { __type: 'ParameterNotFound', message: 'no such parameter' };
    }
    if (service === 'secretsmanager') return answerSecrets(action, input);
    if (service === 'logs' && action === 'FilterLogEvents') return answerLogs(input);
    if (service === 'monitoring' && action === 'DescribeAlarms') {
      const prefix = (input['AlarmNamePrefix'] ?? '') as string;
      return {
        MetricAlarms: alarms
          .filter(({ name }) => name.startsWith(prefix))
          .map(({ name, reason }) => ({ AlarmName: name, AlarmDescription: reason })),
        CompositeAlarms: [],
      };
    }
    if (service === 'monitoring' && action === 'GetMetricData') return answerMetrics(input);
    return undefined;
  }

  function answerSecrets(action: string, input: Json): Json | undefined {
    const name = String(input['SecretId']);
    if (!secrets.has(name)) {
      return { __type: 'ResourceNotFoundException', message: 'no such secret' };
    }
    if (action === 'PutSecretValue') {
      secrets.set(name, String(input['SecretString']));
      return { Name: name, VersionId: 'v1' };
    }
    if (action !== 'DescribeSecret') return undefined;
    const stages = secrets.get(name) === undefined ? {} : { v1: ['AWSCURRENT'] };
    return { Name: name, VersionIdsToStages: stages };
  }

  function answerLogs(input: Json): Json {
    const events = logs.get(String(input['logGroupName']));
    if (events === undefined) {
      return { __type: 'ResourceNotFoundException', message: 'no such group' };
    }
    const [from, to] = [Number(input['startTime']), Number(input['endTime'])];
    return {
      events: events
        .filter(({ timestamp }) => timestamp >= from && timestamp <= to)
        .map((event, index) => ({ ...event, eventId: `${event.timestamp}-${index}` })),
    };
  }

  function answerMetrics(input: Json): Json {
    const queries = input['MetricDataQueries'] as {
      Id: string;
      MetricStat: { Metric: { Dimensions: { Value: string }[] } };
    }[];
    return {
      MetricDataResults: queries.map(({ Id, MetricStat }) => {
        const depth = queues.get(MetricStat.Metric.Dimensions[0]?.Value ?? '');
        return { Id, Values: depth === undefined ? [] : [depth], Timestamps: [] };
      }),
    };
  }

  function answerLambda(
    request: http.IncomingMessage,
    response: http.ServerResponse,
    body: Buffer,
  ) {
    if (request.url?.includes('/account-settings') === true) {
      asked.push('lambda:GetAccountSettings');
      const { limit: ConcurrentExecutions, unreserved: UnreservedConcurrentExecutions } =
        concurrency;
      const AccountLimit = { ConcurrentExecutions, UnreservedConcurrentExecutions };
      response.writeHead(200).end(JSON.stringify({ AccountLimit }));
      return;
    }
    const name = decodeURIComponent(/functions\/([^/]+)\//.exec(request.url ?? '')?.[1] ?? '');
    asked.push('lambda:Invoke');
    const event: unknown = JSON.parse(body.toString('utf8'));
    invoked.push({ name, event });
    if (request.headers['x-amz-invocation-type'] === 'Event') {
      response.writeHead(202).end();
      return;
    }
    const made = functions.get(name);
    if (made === undefined) {
      response
        .writeHead(404, { 'x-amzn-errortype': 'ResourceNotFoundException' })
        .end(JSON.stringify({ Message: `Function not found: ${name}` }));
      return;
    }
    try {
      const answer = JSON.stringify(made(event));
      response.writeHead(200).end(answer);
    } catch (error) {
      const errorMessage = error instanceof Error ? error.message : String(error);
      response
        .writeHead(200, { 'x-amz-function-error': 'Unhandled' })
        .end(JSON.stringify({ errorType: 'Error', errorMessage }));
    }
  }

  /** The bucket of the CDK, to which assets and templates go; path style. */
  function answerS3(request: http.IncomingMessage, response: http.ServerResponse, body: Buffer) {
    const url = new URL(request.url ?? '/', 'http://stub');
    const xml = (text: string): void =>
      void response.writeHead(200, { 'content-type': 'application/xml' }).end(text);
    const { method = '' } = request;
    asked.push(`s3:${method === 'GET' ? 'Get' : method === 'HEAD' ? 'Head' : method}`);
    const [, bucket = '', ...key] = url.pathname.split('/');
    if (method === 'HEAD' && key.join('') === '') {
      response.writeHead(buckets.get(bucket) ?? 404).end();
    } else if (method === 'PUT') {
      objects.set(url.pathname.split('/').slice(2).join('/'), body);
      response.writeHead(200, { etag: '"x"' }).end();
    } else if (url.searchParams.has('location')) {
      xml('<LocationConstraint>eu-central-1</LocationConstraint>');
    } else if (url.searchParams.has('encryption')) {
      xml(
        '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>',
      );
    } else if (url.searchParams.has('list-type')) {
      const prefix = url.searchParams.get('prefix') ?? '';
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix));
      const contents = keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
      xml(`<ListBucketResult><KeyCount>${keys.length}</KeyCount>${contents}</ListBucketResult>`);
    } else {
      unknown.push(`s3 ${method} ${request.url}`);
      response.writeHead(404).end();
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The cast: it listens on a port.
  const { port } = server.address() as AddressInfo;
  return {
    ...cloudFormation,
    env: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'AKIASTUB',
      AWS_SECRET_ACCESS_KEY: 'stub',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_MAX_ATTEMPTS: '1',
    },
    asked,
    changes: () => asked.filter((each) => !reads.test(each)),
    unknown,
    refuse,
    fail,
    functions,
    invoked,
    secrets,
    logs,
    alarms,
    queues,
    concurrency,
    buckets,
    account,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (unknown.length > 0) throw new Error(`the stub was not taught: ${unknown.join(', ')}`);
    },
  };
}
