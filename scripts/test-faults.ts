/**
 * `npm run test:faults`: every fault at as many points as the promise says, then a table of what was
 * tried. Other arguments go to vitest: `npm run test:faults -- -t cut`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { SweepReport } from '../test/faults/sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'plumbline-faults-report-'));
const file = join(folder, 'report.jsonl');
writeFileSync(file, '');
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const tests = process.argv.slice(2);
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/faults', ...tests], {
  stdio: 'inherit',
  env: { ...process.env, FAULTS: process.env['FAULTS'] ?? 'full', FAULTS_REPORT: file },
});
const lines = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  // Written by test/faults/sweep.ts.
  .map((line) => JSON.parse(line) as SweepReport);
rmSync(folder, { recursive: true });
console.log(table(lines));
process.exitCode = status ?? 1;

/** The reports as a table with a line for each fault and, under it, where it hit. */
function table(reports: readonly SweepReport[]): string {
  const head = ['fault', 'points', 'seed', 'found', 'seconds'];
  const rows = reports.map((each) =>
    [each.fault, each.points, each.seed, each.found, each.seconds].map(String),
  );
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  const out = [line(head), widths.map((width) => '-'.repeat(width)).join('  ')];
  for (const [index, row] of rows.entries()) {
    out.push(line(row));
    const places = Object.entries(reports[index]?.places ?? {});
    if (places.length > 0) {
      out.push(`  ${places.map(([place, count]) => `${place} ${count}`).join(', ')}`);
    }
  }
  return out.join('\n');
}
