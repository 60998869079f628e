import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Columns } from '../../src/contract/column.ts';
import {
  CellKind,
  type LandedDelivery,
  type ReadSummary,
  type RecordChunk,
  type RecordStream,
  type Source,
  type SourceContext,
  type StatedSubtotal,
} from '../../src/source/source.ts';

export interface ReadRow {
  readonly line: number;
  /** Null when missing. */
  readonly cells: readonly (string | null)[];
  readonly kinds: readonly number[];
  readonly faults: readonly string[];
}

export interface ReadTable {
  readonly header: readonly string[];
  readonly rows: readonly ReadRow[];
  readonly sheets: readonly (string | null)[];
  readonly subtotals: readonly StatedSubtotal[];
  readonly summary: ReadSummary;
}

export function sourceContext(
  given: {
    projectDir?: string;
    env?: Readonly<Record<string, string>>;
    signal?: AbortSignal;
  } = {},
): SourceContext {
  return {
    projectDir: given.projectDir ?? tmpdir(),
    env: (name) => given.env?.[name],
    zone: 'Europe/Berlin',
    now: () => '2026-03-01T12:00:00Z',
    cursor: undefined,
    signal: given.signal ?? new AbortController().signal,
  };
}

/** The rows of a chunk, copied: its memory may be reused. */
export function rowsOf(chunk: RecordChunk): ReadRow[] {
  return Array.from({ length: chunk.count }, (_, row) => {
    const cells: (string | null)[] = [];
    const kinds: number[] = [];
    for (let cell = chunk.rows[row] ?? 0; cell < (chunk.rows[row + 1] ?? 0); cell += 1) {
      const kind = chunk.kinds?.[cell] ?? CellKind.text;
      const bytes = chunk.bytes.subarray(chunk.cells[2 * cell], chunk.cells[2 * cell + 1]);
      kinds.push(kind);
      cells.push(kind === CellKind.missing ? null : Buffer.from(bytes).toString());
    }
    const faults = (chunk.faults?.get(row) ?? []).map((fault) => fault.code);
    return { line: chunk.lines[row] ?? 0, cells, kinds, faults };
  });
}

export async function readTable(stream: RecordStream): Promise<ReadTable> {
  const rows: ReadRow[] = [];
  const sheets = new Set<string | null>();
  const subtotals: StatedSubtotal[] = [];
  for await (const chunk of stream.chunks) {
    rows.push(...rowsOf(chunk));
    sheets.add(chunk.sheet);
    if (chunk.subtotal !== undefined) subtotals.push(chunk.subtotal);
  }
  const summary = stream.summary();
  return { header: stream.header, rows, sheets: [...sheets], subtotals, summary };
}

/** Content as a landed file, until it is removed. */
export async function landContent(
  content: string | Uint8Array,
  name: string,
): Promise<{ landed: LandedDelivery; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'plumbline-read-'));
  const path = join(dir, 'landed');
  await writeFile(path, content);
  return {
    landed: { path, name, slot: name, sizeBytes: Buffer.byteLength(content) },
    remove: () => rm(dir, { recursive: true }),
  };
}

/** Reads content as a landed file of a source. */
export async function readContent<C extends Columns>(
  source: Source<C>,
  content: string | Uint8Array,
  name = 'delivery',
): Promise<ReadTable> {
  const { landed, remove } = await landContent(content, name);
  try {
    return await readTable(await source.read(landed, sourceContext()));
  } finally {
    await remove();
  }
}

export const cellsOf = (table: ReadTable): (readonly (string | null)[])[] =>
  table.rows.map((row) => row.cells);
