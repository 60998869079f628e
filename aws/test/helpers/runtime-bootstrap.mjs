// What AWS' own runtime for Node does with a function, in as few lines as its contract needs
// (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html): load the handler, ask for an
// event, answer it, ask again. Everything on the way is awaited; nothing else is kept between events.
import { pathToFileURL } from 'node:url';

const origin = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const handlerName = process.env['_HANDLER'];
const [file, name] = handlerName.split('.');

const describe = (error) => ({
  errorType: error?.name ?? 'Error',
  errorMessage: error?.message ?? String(error),
  trace: String(error?.stack ?? '').split('\n'),
});
const post = (path, body) =>
  fetch(`${origin}/${path}`, { method: 'POST', body: JSON.stringify(body) ?? '' });

let handler;
try {
  const url = pathToFileURL(`${process.env.LAMBDA_TASK_ROOT}/${file}.mjs`).href;
  ({ [name]: handler } = await import(url));
  if (typeof handler !== 'function') {
    throw Object.assign(new Error(`${handlerName} is undefined or not exported`), {
      name: 'Runtime.HandlerNotFound',
    });
  }
} catch (error) {
  await post('init/error', describe(error));
  process.exit(1);
}

for (;;) {
  const next = await fetch(`${origin}/invocation/next`);
  const id = next.headers.get('lambda-runtime-aws-request-id');
  const deadlineMs = Number(next.headers.get('lambda-runtime-deadline-ms'));
  const event = await next.json();
  const context = {
    awsRequestId: id,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    invokedFunctionArn: next.headers.get('lambda-runtime-invoked-function-arn'),
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
  try {
    const result = await handler(event, context);
    await post(`invocation/${id}/response`, result ?? null);
  } catch (error) {
    await post(`invocation/${id}/error`, describe(error));
  }
}
