import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** How an invocation ended. */
export type InvocationResult =
  | { readonly kind: 'response'; readonly payload: unknown }
  /** The handler threw. */
  | { readonly kind: 'error'; readonly type: string; readonly message: string }
  /** The module could not be loaded, or has no such handler. */
  | { readonly kind: 'init-error'; readonly type: string; readonly message: string }
  /** Killed at the deadline, as Lambda does it. */
  | { readonly kind: 'timeout' }
  /** The process ended by itself without an answer. */
  | { readonly kind: 'exit'; readonly code: number | null };

export interface LambdaOptions {
  /** The built function: a folder with index.mjs. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Default `plumbline-test`. */
  readonly functionName?: string;
}

export interface InvokeOptions {
  /** Until the process is killed. Default 120 s. */
  readonly timeoutMs?: number;
  /** Lambda's retries of an event carry the id of the first. */
  readonly requestId?: string;
  /** Seen by the test once the handler has the event: to kill it, or to wait. */
  readonly onStarted?: (lambda: { readonly kill: () => void }) => void;
}

/** One execution environment of a function: a process that is started at the first event and kept. */
export interface Lambda {
  invoke(event: unknown, options?: InvokeOptions): Promise<InvocationResult>;
  /** Every line it wrote so far, standard output and standard error. */
  readonly lines: readonly string[];
  /** The lines that are JSON objects. */
  readonly logs: () => readonly Readonly<Record<string, unknown>>[];
  /** Milliseconds from the process' start to its first `invocation/next`. */
  readonly coldStartMs: () => number | undefined;
  close(): Promise<void>;
}

interface Pending {
  readonly requestId: string;
  readonly event: string;
  readonly deadlineMs: number;
  readonly onStarted: () => void;
  readonly settle: (result: InvocationResult) => void;
}

interface Environment {
  readonly child: ChildProcess;
  /** Answers `invocation/next` once there is an event. */
  waiting: http.ServerResponse | undefined;
}

const bootstrap = join(import.meta.dirname, 'runtime-bootstrap.mjs');

/**
 * Runs a built function as Lambda does, by its Runtime API
 * (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html): a process asks for the next event
 * and answers it. A process that was killed is started anew at the next event.
 */
export async function startLambda(options: LambdaOptions): Promise<Lambda> {
  const lines: string[] = [];
  let environment: Environment | undefined;
  let pending: Pending | undefined;
  let startedAt = 0;
  let coldStartMs: number | undefined;

  const server = http.createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server's address is an AddressInfo once it listens.
  const { port } = server.address() as AddressInfo;

  async function serve(request: http.IncomingMessage, response: http.ServerResponse) {
    const body = await readBody(request);
    const path = (request.url ?? '').replace('/2018-06-01/runtime/', '');
    const [, id, what] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    if (path === 'invocation/next') {
      coldStartMs ??= performance.now() - startedAt;
      if (environment !== undefined) environment.waiting = response;
      hand();
      return;
    }
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
    if (path === 'init/error') settle({ kind: 'init-error', ...errorOf(body) });
    else if (id !== pending?.requestId) return;
    else if (what === 'error') settle({ kind: 'error', ...errorOf(body) });
    else settle({ kind: 'response', payload: body === '' ? undefined : JSON.parse(body) });
  }

  function settle(result: InvocationResult): void {
    const done = pending;
    pending = undefined;
    done?.settle(result);
  }

  function hand(): void {
    const response = environment?.waiting;
    if (environment === undefined || response === undefined || pending === undefined) return;
    environment.waiting = undefined;
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': pending.requestId,
      'lambda-runtime-deadline-ms': String(pending.deadlineMs),
      'lambda-runtime-invoked-function-arn': `arn:aws:lambda:eu-central-1:000000000000:function:${options.functionName ?? 'plumbline-test'}`,
    });
    response.end(pending.event);
    pending.onStarted();
  }

  function start(): void {
    startedAt = performance.now();
    const child = spawn(process.execPath, [bootstrap], {
      cwd: options.folder,
      env: {
        PATH: process.env['PATH'],
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
        AWS_LAMBDA_FUNCTION_NAME: options.functionName ?? 'plumbline-test',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
        LAMBDA_TASK_ROOT: options.folder,
        _HANDLER: 'index.handler',
        TZ: ':UTC',
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started: Environment = { child, waiting: undefined };
    environment = started;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => lines.push(line));
    }
    child.on('close', (code) => {
      if (environment === started) environment = undefined;
      settle({ kind: 'exit', code });
    });
  }

  return {
    lines,
    logs: () => lines.flatMap(parseLine),
    coldStartMs: () => coldStartMs,
    invoke: (event, invocation = {}) => {
      if (pending !== undefined)
        throw new Error('one event at a time: an environment takes no more');
      const timeoutMs = invocation.timeoutMs ?? 120_000;
      const { promise, resolve } = Promise.withResolvers<InvocationResult>();
      const kill = (): void => void environment?.child.kill('SIGKILL');
      const timer = setTimeout(() => {
        const dead = pending;
        pending = undefined;
        kill();
        dead?.settle({ kind: 'timeout' });
      }, timeoutMs);
      pending = {
        requestId: invocation.requestId ?? randomUUID(),
        event: JSON.stringify(event),
        deadlineMs: Date.now() + timeoutMs,
        onStarted: () => invocation.onStarted?.({ kill }),
        settle: (result) => {
          clearTimeout(timer);
          resolve(result);
        },
      };
      if (environment === undefined) start();
      else hand();
      return promise;
    },
    close: async () => {
      const { child } = environment ?? {};
      if (child !== undefined && child.exitCode === null) {
        const ended = new Promise((resolve) => child.once('close', resolve));
        child.kill('SIGKILL');
        await ended;
      }
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readBody(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function errorOf(body: string): { type: string; message: string } {
  const { errorType = '', errorMessage = '' } = JSON.parse(body) as Record<string, string>;
  return { type: errorType, message: errorMessage };
}

function parseLine(line: string): Record<string, unknown>[] {
  if (!line.startsWith('{')) return [];
  return [JSON.parse(line) as Record<string, unknown>];
}
