/**
 * A process that loads a scene when it is told to, to be killed while it does. On its standard input
 * it reads the ground as a line of JSON, then `go` after each step of landing it has told of; on its
 * standard output it says `ready`, `landing STEP`, and the result.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { type Ground, runScene } from './run-scene.ts';

const say = (line: string): void => void writeSync(1, `${line}\n`);

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
say('ready');
const { value } = await lines.next();
// Written by loader-processes.ts.
const { ground, release } = JSON.parse(String(value)) as { ground: Ground; release: boolean };
const result = await runScene(ground, {
  release,
  onLanding: async (step) => {
    say(`landing ${step}`);
    await lines.next();
  },
});
say(`result ${JSON.stringify({ errors: result.errors, released: result.released })}`);
process.exit(0);
