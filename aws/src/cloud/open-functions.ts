import { PlumblineError } from 'plumbline/runtime';

import type { Functions } from './cloud.ts';
import type { Connection } from './connection.ts';

/** Lambda. */
export function openFunctions({ region, signal, guard }: Connection): Functions {
  return {
    concurrency: () =>
      guard(async () => {
        const { GetAccountSettingsCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
        const client = new LambdaClient({ region });
        const { AccountLimit = {} } = await client.send(new GetAccountSettingsCommand({}), {
          abortSignal: signal,
        });
        const { ConcurrentExecutions: limit = 0, UnreservedConcurrentExecutions } = AccountLimit;
        return { limit, unreserved: UnreservedConcurrentExecutions ?? limit };
      }),
    invoke: (FunctionName, event) =>
      guard(async () => {
        const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
        // A function may take fifteen minutes; asking again would start it twice.
        const client = new LambdaClient({ region, maxAttempts: 1 });
        const { FunctionError, Payload } = await client.send(
          new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }),
          { abortSignal: signal },
        );
        const text = Payload === undefined ? 'null' : Buffer.from(Payload).toString('utf8');
        const answer: unknown = text === '' ? null : JSON.parse(text);
        if (FunctionError === undefined) return answer;
        throw new PlumblineError('aws-function-failed', {
          message: `The function ${FunctionName} failed: ${messageOf(answer)}`,
        });
      }),
    start: (FunctionName, event) =>
      guard(async () => {
        const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
        const Payload = Buffer.from(JSON.stringify(event));
        const command = new InvokeCommand({ FunctionName, Payload, InvocationType: 'Event' });
        await new LambdaClient({ region }).send(command, { abortSignal: signal });
      }),
  };
}

/** Lambda tells an exception as `{ errorType, errorMessage, trace }`. */
function messageOf(answer: unknown): string {
  const told =
    answer !== null && typeof answer === 'object' && 'errorMessage' in answer
      ? answer.errorMessage
      : undefined;
  return typeof told === 'string' ? told : 'it says nothing more';
}
