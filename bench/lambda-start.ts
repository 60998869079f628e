import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { bundleProject } from '../aws/src/bundle/bundle-project.ts';
import type { Plan } from '../aws/src/plan/plan.ts';
import { startLambda } from '../aws/test/helpers/runtime-api.ts';
import { readProject } from '../src/project/read-project.ts';
import type { Bench, BenchResult } from './bench.ts';
import { median, round } from './bench.ts';

/** A cold start is a customer's wait for nothing: how much of it is ours. */
const rounds = 9;
const startBoundMs = 250;
const sizeBoundMb = 1;

/** One of text and one of workbooks, whose readers are the largest. */
const sources = ['partner-orders', 'payments'];

/** What a function is told; nothing behind it is reached before its first event. */
const environment: Readonly<Record<string, string>> = {
  AWS_REGION: 'eu-central-1',
  PLUMBLINE_STACK: 'plumbline-bench',
  PLUMBLINE_DATABASE_HOST: 'localhost',
  PLUMBLINE_DATABASE_NAME: 'plumbline',
  PLUMBLINE_LANDING_BUCKET: 'bench',
};

/**
 * The built functions that load: their size, and from the start of the process to the first question
 * for an event, against a function that does nothing, in turns.
 */
export const lambdaStart: Bench = {
  name: 'lambda-start',
  run: async ({ dataDir, log }) => {
    const project = await readProject(fileURLToPath(new URL('../examples/acme', import.meta.url)));
    const functions = sources.map((job) => ({ id: `ingest-${job}`, kind: 'ingest', job }));
    // What the bundler reads of a plan.
    const plan = { region: 'eu-central-1', proxy: {}, functions } as unknown as Plan;
    const outDir = join(dataDir, 'lambda-code');
    const code = await bundleProject({ project, plan, outDir });
    const bare = join(outDir, 'bare');
    await mkdir(bare, { recursive: true });
    await writeFile(join(bare, 'index.mjs'), 'export const handler = async () => null;\n');
    const results: BenchResult[] = [];
    for (const source of sources) {
      const folder = code.functions.get(`ingest-${source}`) ?? '';
      log(`lambda-start: ${source}, ${rounds} rounds`);
      results.push(await measureStart(source, folder, bare), await measureSize(source, folder));
    }
    return results;
  },
};

async function measureStart(source: string, folder: string, bare: string): Promise<BenchResult> {
  const ours: number[] = [];
  const theirs: number[] = [];
  // The first of each brings its files into memory, as on Lambda the image does.
  for (let turn = 0; turn <= rounds; turn += 1) {
    const [own, nothing] = [await coldStartOf(folder), await coldStartOf(bare)];
    if (turn === 0) continue;
    ours.push(own);
    theirs.push(nothing);
  }
  const beyond = median(ours.map((each, index) => each - (theirs[index] ?? 0)));
  return {
    line: {
      name: `lambda-start-${source}`,
      ours: round(beyond),
      theirs: null,
      ratio: null,
      bound: startBoundMs,
      ok: beyond <= startBoundMs,
    },
    unit: 'ms',
    title:
      'cold start of the built function beyond that of bare Node, to its first `invocation/next`',
    detail: `${milliseconds(ours)} against ${milliseconds(theirs)}`,
  };
}

const milliseconds = (values: readonly number[]): string =>
  values.map((value) => value.toFixed(0)).join(', ');

async function coldStartOf(folder: string): Promise<number> {
  const lambda = await startLambda({ folder, env: environment });
  // An event that no function takes: it is refused before anything is reached.
  await lambda.invoke({ kind: 'none' });
  await lambda.close();
  return lambda.coldStartMs() ?? Number.NaN;
}

async function measureSize(source: string, folder: string): Promise<BenchResult> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(
      async ({ parentPath, name }) => gzipSync(await readFile(join(parentPath, name))).length,
    ),
  );
  const index = gzipSync(await readFile(join(folder, 'index.mjs'))).length;
  const all = sizes.reduce((sum, size) => sum + size, 0) / 1024 ** 2;
  return {
    line: {
      name: `lambda-size-${source}`,
      ours: round(all),
      theirs: null,
      ratio: null,
      bound: sizeBoundMb,
      ok: all <= sizeBoundMb,
    },
    unit: 'MB',
    title: 'everything in the folder of the built function, zipped',
    detail: `${files.length} files, index.mjs ${Math.round(index / 1024)} KB`,
  };
}
