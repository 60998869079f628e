/**
 * The process that loads the inputs of the corpus, one after the other, and tells what became of
 * each: what it takes in memory, and whether it lives, is measured of it from outside.
 *
 *     node --expose-gc loader.ts POSTGRES_URL DIR ORIGIN
 */
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadSource } from '../../src/load/load-source.ts';
import { api } from '../../src/source/api/api.ts';
import { csv } from '../../src/source/csv/csv.ts';
import { excel } from '../../src/source/excel/excel.ts';
import { folder } from '../../src/source/location/folder.ts';
import type { Location, Source } from '../../src/source/source.ts';
import { openWarehouse } from '../../src/warehouse/warehouse.ts';
import { allInputs } from './all-inputs.ts';
import { type CorpusInput, orders } from './corpus-input.ts';

/** What became of an input. */
export interface Outcome {
  readonly errors: readonly { readonly code: string; readonly message: string }[];
  readonly state: string | undefined;
  readonly read: number;
  /** Rows of the batch in the table. */
  readonly held: number;
  readonly duplicate: number;
  readonly unchanged: number;
  readonly flagged: number;
  readonly rejected: number;
  readonly rejectedByCode: Readonly<Record<string, number>>;
  /** Of the tables of nested records. */
  readonly nestedByCode: Readonly<Record<string, number>>;
  readonly skipped: Readonly<Record<string, number>>;
  /** Bytes that the process has ever held. */
  readonly peakBytes: number;
}

const [url = '', dir = '', origin = ''] = process.argv.slice(2);
const warehouse = await openWarehouse({ projectDir: tmpdir(), url });
const inputs = allInputs();

/** The same files under another name, as a bucket or an address could give them. */
const named = (location: Location, name: string | undefined): Location =>
  name === undefined
    ? location
    : {
        ...location,
        list: async function* list(context) {
          for await (const offer of location.list(context)) yield { ...offer, name };
        },
      };

function sourceOf(input: CorpusInput, path: string): Source {
  const from = named(folder(path), input.deliveredAs);
  switch (input.kind) {
    case 'csv':
      return csv({ ...orders, ...input.options, from });
    case 'excel':
      return excel({ ...orders, ...input.options, from });
    case 'api':
      return api({
        ...orders,
        records: 'data',
        retries: 0,
        timeoutMs: 60_000,
        ...input.options,
        url: `${origin}/orders`,
      });
    default:
      return input satisfies never;
  }
}

async function load(name: string, table: string, path: string): Promise<Outcome> {
  // What the inputs before left behind is not what this one takes.
  globalThis.gc?.();
  const input = inputs.find((each) => each.name === name);
  if (input === undefined) throw new Error(`no input is named ${name}`);
  const { errors } = await loadSource({
    name: table,
    source: sourceOf(input, path),
    warehouse,
    landingDir: join(dir, 'landing'),
    context: {
      projectDir: dir,
      env: () => undefined,
      zone: 'Europe/Berlin',
      now: () => '2026-06-30T04:00:00Z',
      signal: new AbortController().signal,
    },
  });
  const query = async <T extends object>(sql: string): Promise<T[]> =>
    // The query names its columns; the warehouse gives every value as text.
    (await warehouse.pool('owner').query(sql)).rows as T[];
  const batches = await query<Record<string, string> & { skipped: Record<string, number> }>(
    `select state, read, duplicate, unchanged, flagged, rejected, skipped from plumbline.batch where source = '${table}' order by id desc limit 1`,
  );
  const [batch] = batches;
  const codes = await query<{ source: string; code: string; rows: string }>(
    `select b.source, code, count(*) as rows from plumbline.reject r join plumbline.batch b on b.id = r.batch_id, unnest(r.codes) code
      where b.source = '${table}' or b.source like '${table}-%' group by 1, 2 order by 1, 2`,
  );
  const byCode = (isOwn: boolean): Record<string, number> =>
    Object.fromEntries(
      codes
        .filter(({ source }) => (source === table) === isOwn)
        .map(({ code, rows }) => [code, Number(rows)]),
    );
  const [held] = await query<{ rows: string }>(
    `select count(*) as rows from raw.${table} where _superseded_by is null`,
  );
  return {
    errors,
    state: batch?.['state'],
    read: Number(batch?.['read'] ?? 0),
    held: Number(held?.rows),
    duplicate: Number(batch?.['duplicate'] ?? 0),
    unchanged: Number(batch?.['unchanged'] ?? 0),
    flagged: Number(batch?.['flagged'] ?? 0),
    rejected: Number(batch?.['rejected'] ?? 0),
    rejectedByCode: byCode(true),
    nestedByCode: byCode(false),
    skipped: batch?.skipped ?? {},
    peakBytes: peakBytes(),
  };
}

/** Linux hands the peak of the process that started this one down in `maxRSS`; its own is in /proc. */
function peakBytes(): number {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const kilobytes = /^VmHWM:\s*(\d+) kB$/mu.exec(status)?.[1];
  return Number(kilobytes ?? process.resourceUsage().maxRSS) * 1024;
}

interface Asked {
  readonly name: string;
  readonly table: string;
  readonly path: string;
}

process.on('message', ({ name, table, path }: Asked) => {
  void load(name, table, path).then(
    (outcome) => process.send?.(outcome),
    // Nothing may be thrown: `loadSource` promises that. The parent sees a crash.
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.send?.('ready');
