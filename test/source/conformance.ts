import { isUtf8 } from 'node:buffer';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { PlumblineError } from '../../src/errors.ts';
import { land } from '../../src/landing/land.ts';
import {
  CellKind,
  type LandedDelivery,
  type Offer,
  type RecordChunk,
  type Source,
  type SourceContext,
} from '../../src/source/source.ts';
import { cellsOf, readTable, rowsOf } from './read-rows.ts';

/** The rows that every source of the suite must give, under the labels `id` and `name`. */
export const expectedRows: readonly (readonly [string, string | null])[] = Array.from(
  { length: 5_000 },
  (_, index) => [String(index + 1), index % 7 === 0 ? null : `Näme "${index}", 漢 < & >`],
);

/** A place to read from. Whoever makes it owns what is in `dir`, a fresh folder. */
export interface MadeSource {
  readonly source: Source;
  readonly env?: Readonly<Record<string, string>>;
  readonly stop?: () => Promise<void>;
}

/** What is at the place: the rows, no bytes at all, or nothing where something was named. */
export type Scenario = 'rows' | 'empty' | 'missing';

/** Tests of what every connector owes the loader, whatever it reads. */
export function describeSource(
  name: string,
  make: (scenario: Scenario, dir: string) => Promise<MadeSource>,
): void {
  describe(`a source: ${name}`, () => {
    let dir: string;
    let stop: (() => Promise<void>) | undefined;
    beforeEach(async () => {
      dir = await mkdtemp(join(tmpdir(), 'plumbline-source-'));
    });
    afterEach(async () => {
      await stop?.();
      stop = undefined;
      await rm(dir, { recursive: true });
    });

    async function prepare(scenario: Scenario, signal = new AbortController().signal) {
      const made = await make(scenario, dir);
      stop = made.stop;
      const context: SourceContext = {
        projectDir: dir,
        env: (variable) => made.env?.[variable],
        zone: 'Europe/Berlin',
        now: () => '2026-03-01T12:00:00Z',
        cursor: undefined,
        signal,
      };
      return { source: made.source, context };
    }

    async function landFirst(source: Source, context: SourceContext): Promise<LandedDelivery> {
      for await (const offer of source.discover(context)) {
        const { path, sizeBytes } = await land(offer, join(dir, '.landing'));
        return { path, sizeBytes, name: offer.name, slot: offer.slot };
      }
      throw new Error('the source offered nothing');
    }

    test('offers have names, and slots that stay', async () => {
      const { source, context } = await prepare('rows');
      const first: Offer[] = await Array.fromAsync(source.discover(context));
      const second: Offer[] = await Array.fromAsync(source.discover(context));
      expect(first.length).toBeGreaterThan(0);
      expect(new Set(first.map((offer) => offer.slot)).size).toBe(first.length);
      expect(second.map((offer) => offer.slot)).toEqual(first.map((offer) => offer.slot));
      expect(first.every((offer) => offer.name !== '')).toBe(true);
      expect(source.description).not.toBe('');
    });

    test('a landed delivery gives its header and every row, as often as it is read', async () => {
      const { source, context } = await prepare('rows');
      const landed = await landFirst(source, context);
      for (let time = 0; time < 2; time += 1) {
        const table = await readTable(await source.read(landed, context));
        expect(table.header).toEqual(['id', 'name']);
        expect(cellsOf(table).map((cells) => cells.map((cell) => cell || null))).toEqual(
          expectedRows,
        );
        expect(Object.values(table.summary.skipped).every((count) => count > 0)).toBe(true);
      }
    });

    test('chunks keep the layout they promise', async () => {
      const { source, context } = await prepare('rows');
      const landed = await landFirst(source, context);
      const { chunks } = await source.read(landed, context);
      let lastLine = 0;
      let count = 0;
      for await (const chunk of chunks) {
        expect(problemsOf(chunk)).toEqual([]);
        for (const { line } of rowsOf(chunk)) {
          // Lines ascend; those of an API start again on every page.
          expect(line > lastLine || chunk.sheet?.startsWith('page ') === true).toBe(true);
          lastLine = line;
        }
        count += chunk.count;
      }
      expect(count).toBe(expectedRows.length);
    });

    test('what was asked to stop stops', async () => {
      const stopping = new AbortController();
      const { source, context } = await prepare('rows', stopping.signal);
      const landed = await landFirst(source, context);
      const { chunks } = await source.read(landed, context);
      stopping.abort(new Error('enough'));
      await expect(Array.fromAsync(chunks)).rejects.toThrow('enough');
      await expect(
        Array.fromAsync(source.discover(context), (offer) => Array.fromAsync(offer.open())),
      ).rejects.toThrow('enough');
    });

    test.each(['empty', 'missing'] as const)(
      'a delivery that is %s is an error with a code',
      async (scenario) => {
        const { source, context } = await prepare(scenario);
        const reading = landFirst(source, context).then(async (landed) =>
          readTable(await source.read(landed, context)),
        );
        await expect(reading).rejects.toBeInstanceOf(PlumblineError);
      },
    );
  });
}

const kinds: ReadonlySet<number> = new Set(Object.values(CellKind));

/** What is wrong with a chunk, in words. */
function problemsOf(chunk: RecordChunk): string[] {
  const problems: string[] = [];
  if (chunk.count === 0) problems.push('a chunk without rows');
  if (chunk.rows.length < chunk.count + 1) problems.push('rows is too short');
  if (chunk.lines.length < chunk.count) problems.push('lines is too short');
  for (let row = 0; row < chunk.count; row += 1) {
    const from = chunk.rows[row] ?? -1;
    const to = chunk.rows[row + 1] ?? -1;
    if (from < 0 || to < from) problems.push(`row ${row} is [${from}, ${to})`);
    for (let cell = from; cell < to; cell += 1) {
      const start = chunk.cells[2 * cell] ?? -1;
      const end = chunk.cells[2 * cell + 1] ?? -1;
      const isInside = start >= 0 && end >= start && end <= chunk.bytes.length;
      if (!isInside) problems.push(`cell ${cell} is [${start}, ${end})`);
      if (!isUtf8(chunk.bytes.subarray(start, end))) problems.push(`cell ${cell} is no UTF-8`);
      if (!kinds.has(chunk.kinds?.[cell] ?? 0)) problems.push(`cell ${cell} has no kind`);
    }
  }
  return problems;
}
