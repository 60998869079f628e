import { PassThrough } from 'node:stream';

import { expect, test } from 'vitest';

import { reportError } from '../../src/cli/report-error.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { PlumblineError } from '../../src/errors.ts';

interface Captured {
  readonly stream: NodeJS.WriteStream;
  text(): string;
}

function capture(isTTY: boolean): Captured {
  const through = new PassThrough();
  let written = '';
  through.on('data', (chunk: Buffer) => (written += chunk.toString()));
  // The cast: of a terminal only what is written and these two are used.
  const stream = Object.assign(through, {
    isTTY: isTTY ? true : undefined,
    columns: 40,
  }) as unknown as NodeJS.WriteStream;
  return { stream, text: () => written };
}

function terminal(options: {
  isTTY: boolean;
  json?: boolean;
  debug?: boolean;
  variables?: Record<string, string>;
}) {
  const out = capture(options.isTTY);
  const err = capture(options.isTTY);
  const { json = false, debug = false, variables = {} } = options;
  const made = createTerminal({ json, debug, out: out.stream, err: err.stream, variables });
  return { ...made, out, err };
}

test('progress is seen on a terminal only, and gives way to the next line', () => {
  const watched = terminal({ isTTY: true });
  watched.progress('reading '.repeat(20));
  watched.print('done');
  const [before, passing = '', line] = watched.out.text().split('\r\u001B[2K');
  expect([before, line]).toEqual(['', 'done\n']);
  expect(passing).toContain('reading');
  // A line longer than the terminal would wrap, and could not be erased; some of it is colour.
  expect(passing.length).toBeLessThan(50);
  const piped = terminal({ isTTY: false });
  piped.progress('reading');
  piped.print(piped.paint.good('done'));
  expect(piped.out.text()).toBe('done\n');
});

test('NO_COLOR leaves no escape sequence on a terminal', () => {
  const plain = terminal({ isTTY: true, variables: { NO_COLOR: '1' } });
  plain.progress('reading');
  plain.print(plain.paint.bad('failed'));
  expect(plain.out.text()).toBe('failed\n');
});

test('with --json standard output holds the result and nothing else', () => {
  const machine = terminal({ isTTY: false, json: true });
  machine.print('for people');
  machine.progress('passing');
  machine.warn('careful');
  machine.result({ ok: true });
  expect(machine.out.text()).toBe('{"ok":true}\n');
  expect(machine.err.text()).toBe('careful\n');
});

test('a mistake says file, place, what was expected and what was meant', () => {
  const shown = terminal({ isTTY: false });
  const error = new PlumblineError('project-invalid', {
    message: '2 mistakes.',
    mistakes: [
      { file: 'a.ts', place: 'key', message: 'is 1', expected: 'a list' },
      { file: 'b.ts', message: "'x' is not known", expected: 'one of y', suggestion: 'y' },
    ],
  });
  expect(reportError(error, shown)).toBe(1);
  expect(shown.err.text()).toMatchInlineSnapshot(`
    "error[project-invalid]: 2 mistakes.
      a.ts, key: is 1; expected a list
      b.ts: 'x' is not known; did you mean y?
      Correct the places listed, then run \`plumbline check\`.
    "
  `);
});

test('what nobody foresaw is an internal error: exit code 3, its trace only with --debug', () => {
  const quiet = terminal({ isTTY: false });
  expect(reportError(new TypeError('x is not a function'), quiet)).toBe(3);
  expect(quiet.err.text()).toContain('error[internal]: x is not a function');
  expect(quiet.err.text()).not.toMatch(/^ +at /m);
  const verbose = terminal({ isTTY: false, debug: true });
  reportError(new TypeError('x is not a function'), verbose);
  expect(verbose.err.text()).toMatch(/TypeError: x is not a function\n +at /);
});

test('asks where input and output are terminals; an interrupt ends the question', async () => {
  const out = capture(true);
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const { stream } = out;
  const asking = createTerminal({
    json: false,
    debug: false,
    out: stream,
    err: stream,
    input,
    variables: {},
  });
  expect(asking.canAsk).toBe(true);
  const controller = new AbortController();
  const answer = asking.ask('Deploy?', controller.signal);
  input.write('  yes \n');
  expect(await answer).toBe('yes');
  expect(out.text()).toBe('Deploy? ');
  const interrupted = asking.ask('Again?', controller.signal);
  controller.abort(new Error('interrupted'));
  await expect(interrupted).rejects.toThrow('interrupted');
  expect(terminal({ isTTY: true }).canAsk).toBe(false);
});
