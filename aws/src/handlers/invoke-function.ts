import { PlumblineError } from 'plumbline/runtime';

/** Hands an event to a function and does not wait for what it makes of it. */
export type InvokeFunction = (functionName: string, event: object) => Promise<void>;

/** Invokes functions of this region asynchronously. Throws `function-not-invoked`, retryable. */
export function createInvoke(region: string): InvokeFunction {
  return async (FunctionName, event) => {
    // Loaded when it is needed: a run that finds nothing new has nobody to tell.
    const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
    const client = new LambdaClient({ region });
    try {
      const Payload = Buffer.from(JSON.stringify(event));
      await client.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
    } catch (error) {
      throw new PlumblineError('function-not-invoked', {
        message: `The function ${FunctionName} could not be started: ${error instanceof Error ? error.message : String(error)}.`,
        retryable: true,
        cause: error,
      });
    } finally {
      client.destroy();
    }
  };
}
