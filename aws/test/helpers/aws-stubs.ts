import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** What functions ask of AWS beside S3, on a free loopback port. */
export interface AwsStubs {
  readonly origin: string;
  /** Variables that lead the SDKs of a function here, with credentials that no account has. */
  readonly env: Readonly<Record<string, string>>;
  /** Every event that was handed to a function, in order. */
  readonly invoked: readonly Invoked[];
  /** ARNs of secrets whose values were read, in order. */
  readonly read: readonly string[];
  /** Everything that was asked for, and by whom. */
  readonly calls: readonly Call[];
  /** Sets a secret's value; undefined: it exists but was never filled in. Gives its ARN. */
  setSecret(name: string, value: string | undefined): string;
  /** Rotates a secret right after it was read the next time. */
  rotateAfterRead(name: string, value: string): void;
  /** What goes wrong with the next invocation of a function. */
  failInvocations(times: number): void;
  close(): Promise<void>;
}

/** One thing that was asked of AWS. */
export interface Call {
  /** The access key id of whoever asked. */
  readonly caller: string;
  /** As policies name it: `s3:GetObject`. */
  readonly action: string;
  /** What it was asked of: an ARN, the name of a function, the key of an object. */
  readonly resource: string;
}

/** The access key id in a signature: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html */
export const callerIn = (signature: string): string =>
  /Credential=([^/%]+)[/%]/.exec(signature)?.[1] ?? '';

export interface Invoked {
  readonly functionName: string;
  readonly type: string;
  readonly payload: unknown;
}

export const arnOf = (name: string): string =>
  `arn:aws:secretsmanager:eu-central-1:000000000000:secret:${name}-AbCdEf`;

/**
 * As much of Secrets Manager (GetSecretValue, JSON 1.1) and of Lambda (Invoke, REST) as the functions
 * use, checked by their own SDKs.
 */
export async function startAwsStubs(): Promise<AwsStubs> {
  const secrets = new Map<string, string | undefined>();
  const rotations = new Map<string, string>();
  const invoked: Invoked[] = [];
  const read: string[] = [];
  const calls: Call[] = [];
  let failures = 0;
  const server = http.createServer((request, response) => {
    void answer(request, response);
  });

  async function answer(request: http.IncomingMessage, response: http.ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');
    const send = (status: number, value: unknown, headers: http.OutgoingHttpHeaders = {}): void =>
      void response
        .writeHead(status, { 'content-type': 'application/x-amz-json-1.1', ...headers })
        .end(JSON.stringify(value));
    const caller = callerIn(request.headers.authorization ?? '');
    const [, functionName] = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(
      request.url ?? '',
    ) ?? [undefined, undefined];
    if (request.headers.authorization === undefined) {
      send(400, { __type: 'MissingAuthenticationTokenException', message: 'no signature' });
    } else if (functionName !== undefined) {
      calls.push({ caller, action: 'lambda:InvokeFunction', resource: functionName });
      if (failures > 0) {
        failures -= 1;
        send(
          400,
          { message: 'no such function' },
          { 'x-amzn-errortype': 'InvalidParameterValueException' },
        );
        return;
      }
      const type = String(request.headers['x-amz-invocation-type'] ?? 'RequestResponse');
      const name = decodeURIComponent(functionName);
      invoked.push({ functionName: name, type, payload: JSON.parse(body) });
      response.writeHead(202).end();
    } else if (request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue') {
      const { SecretId } = JSON.parse(body) as { SecretId: string };
      read.push(SecretId);
      calls.push({ caller, action: 'secretsmanager:GetSecretValue', resource: SecretId });
      const value = secrets.get(SecretId);
      const next = rotations.get(SecretId);
      if (next !== undefined) secrets.set(SecretId, next);
      rotations.delete(SecretId);
      if (value === undefined) {
        const message = secrets.has(SecretId)
          ? "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT"
          : "Secrets Manager can't find the specified secret.";
        send(400, { __type: 'ResourceNotFoundException', Message: message });
        return;
      }
      send(200, { ARN: SecretId, SecretString: value, VersionStages: ['AWSCURRENT'] });
    } else {
      send(400, { __type: 'UnknownOperationException' });
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is an AddressInfo once it listens.
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    env: {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'no secret at all',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: origin,
      AWS_ENDPOINT_URL_LAMBDA: origin,
    },
    invoked,
    read,
    calls,
    setSecret: (name, value) => {
      secrets.set(arnOf(name), value);
      return arnOf(name);
    },
    rotateAfterRead: (name, value) => void rotations.set(arnOf(name), value),
    failInvocations: (times) => void (failures = times),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
