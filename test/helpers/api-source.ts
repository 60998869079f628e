import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CellKind } from '../../src/contract/cell.ts';
import type { Columns } from '../../src/contract/column.ts';
import type { Source, SourceContext } from '../../src/source/source.ts';

/** A context whose cursor and variables a test sets. */
export function apiContext(
  given: {
    cursor?: string | undefined;
    env?: Readonly<Record<string, string>>;
    signal?: AbortSignal;
  } = {},
): SourceContext {
  return {
    projectDir: tmpdir(),
    env: (name) => given.env?.[name],
    zone: 'Europe/Berlin',
    now: () => '2026-03-01T12:00:00Z',
    cursor: given.cursor,
    signal: given.signal ?? new AbortController().signal,
  };
}

export interface Fetched {
  readonly slot: string;
  readonly name: string;
  /** The landing file. */
  readonly text: string;
  readonly sha256: string;
  readonly cursor: string | undefined;
}

/** Fetches the one delivery of an API source, as the landing does. */
export async function fetchDelivery<C extends Columns>(
  source: Source<C>,
  context: SourceContext,
): Promise<Fetched> {
  for await (const offer of source.discover(context)) {
    const parts: Uint8Array[] = [];
    for await (const part of offer.open()) parts.push(Buffer.from(part));
    const bytes = Buffer.concat(parts);
    return {
      slot: offer.slot,
      name: offer.name,
      text: bytes.toString(),
      sha256: createHash('sha256').update(bytes).digest('hex'),
      cursor: offer.nextCursor?.(),
    };
  }
  throw new Error('the source offered nothing');
}

const kindNames = new Map<number, string>(
  Object.entries(CellKind).map(([name, kind]) => [kind, name]),
);

export interface ReadRecord {
  readonly sheet: string | null;
  readonly line: number;
  /** `kind:text`, or null when missing. */
  readonly cells: readonly (string | null)[];
  readonly faults: readonly string[];
}

/** Reads a landing file back, as the loader does. */
export async function readDelivery<C extends Columns>(
  source: Source<C>,
  text: string,
): Promise<{ header: readonly string[]; records: ReadRecord[] }> {
  const dir = await mkdtemp(join(tmpdir(), 'plumbline-api-'));
  try {
    const path = join(dir, 'landed');
    await writeFile(path, text);
    const sizeBytes = (await readFile(path)).length;
    const stream = await source.read({ path, name: 'api', slot: 'all', sizeBytes }, apiContext());
    const records: ReadRecord[] = [];
    for await (const chunk of stream.chunks) {
      for (let row = 0; row < chunk.count; row += 1) {
        const cells: (string | null)[] = [];
        for (let cell = chunk.rows[row] ?? 0; cell < (chunk.rows[row + 1] ?? 0); cell += 1) {
          const kind = kindNames.get(chunk.kinds?.[cell] ?? 0) ?? '?';
          const content = Buffer.from(
            chunk.bytes.subarray(chunk.cells[cell * 2], chunk.cells[cell * 2 + 1]),
          ).toString();
          cells.push(kind === 'missing' ? null : `${kind}:${content}`);
        }
        records.push({
          sheet: chunk.sheet,
          line: chunk.lines[row] ?? 0,
          cells,
          faults: (chunk.faults?.get(row) ?? []).map((fault) => fault.code),
        });
      }
    }
    return { header: stream.header, records };
  } finally {
    await rm(dir, { recursive: true });
  }
}
