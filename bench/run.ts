/**
 * `npm run bench` measures everything and writes bench/RESULTS.md; `npm run bench -- NAME --json`
 * measures one and prints an object a line. Exits 1 when a bound is missed.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import type { Bench, BenchResult } from './bench.ts';
import { csvAppend } from './csv-append.ts';
import { csvKeyed } from './csv-keyed.ts';
import { csvMemory } from './csv-memory.ts';
import { lambdaStart } from './lambda-start.ts';
import { writeResults } from './write-results.ts';
import { xlsxRead } from './xlsx-read.ts';

const benches: readonly Bench[] = [csvAppend, csvKeyed, csvMemory, xlsxRead, lambdaStart];
const names = benches.map((bench) => bench.name);
const usage = `npm run bench -- [NAME …] [--json]

Names: ${names.join(', ')}. Without a name all are measured and bench/RESULTS.md is written.
Example: npm run -s bench -- csv-append --json`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});
const unknown = positionals.find((name) => !names.includes(name));
if (values.help) {
  console.log(usage);
} else if (unknown !== undefined) {
  console.error(`There is no bench "${unknown}".\n\n${usage}`);
  process.exitCode = 2;
} else {
  await measure(positionals.length === 0 ? names : positionals);
}

async function measure(chosen: readonly string[]): Promise<void> {
  const dataDir = fileURLToPath(new URL('.data', import.meta.url));
  const log = (message: string): void => console.error(`  ${message}`);
  const results: BenchResult[] = [];
  for (const bench of benches.filter(({ name }) => chosen.includes(name))) {
    log(`${bench.name} …`);
    for (const result of await bench.run({ dataDir, log })) {
      results.push(result);
      console.log(values.json ? JSON.stringify(result.line) : textOf(result));
    }
  }
  if (chosen.length === benches.length) await writeResults(results);
  if (results.some(({ line }) => !line.ok)) process.exitCode = 1;
}

function textOf({ line, unit, title }: BenchResult): string {
  const { name, ours, theirs, ratio, bound, ok } = line;
  const numbers =
    theirs === null
      ? `${ours} ${unit}, at most ${bound} ${unit}`
      : `${ours} ${unit} against ${theirs} ${unit}: ${ratio} ×${bound === null ? '' : `, at most ${bound} ×`}`;
  return `${ok ? 'ok    ' : 'MISSED'} ${name}: ${numbers}\n       ${title}`;
}
