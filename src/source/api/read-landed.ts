import type { LandedDelivery, RecordChunk, RecordStream } from '../source.ts';
import { type ApiField, createPresence } from './api-fields.ts';
import { jsonChunk, recordsPerChunk } from './json-chunk.ts';
import { compileFields, createFieldSpans, findFields } from './json-fields.ts';
import { readPages } from './landed-pages.ts';
import { createUnnamedFields } from './unnamed-fields.ts';

/**
 * Reads the landing file of an API window. Throws `source-error` when it is not whole, and
 * `missing-label` at its end when no record had one of the fields expected; `delivery-rejected` for a
 * field that is not expected, where none may be.
 */
export function readLanded(landed: LandedDelivery, reading: LandedReading): RecordStream {
  return {
    header: reading.fields.map((field) => field.label),
    chunks: readChunks(landed, reading),
    summary: () => ({ skipped: {}, totals: {} }),
  };
}

/** How a landing file is read. */
export interface LandedReading {
  readonly fields: readonly ApiField[];
  /** Paths that may be there beside the fields'; undefined lets all be there. */
  readonly others: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

async function* readChunks(
  landed: LandedDelivery,
  { fields, others, signal }: LandedReading,
): AsyncIterable<RecordChunk> {
  const paths = fields.flatMap((field) => field.paths);
  const unnamed =
    others === undefined ? undefined : createUnnamedFields([...paths, ...others], landed.name);
  const presence = createPresence(fields);
  const tree = compileFields(fields.map((field) => field.paths));
  const found = createFieldSpans(tree);
  const width = fields.length * 2;
  for await (const { line, starts, number, records } of readPages(landed, signal)) {
    for (let from = 0; from < starts.length; from += recordsPerChunk) {
      const count = Math.min(recordsPerChunk, starts.length - from);
      const spans = new Int32Array(count * width);
      for (let row = 0; row < count; row += 1) {
        const start = starts[from + row] ?? 0;
        findFields(tree, line, start, found);
        unnamed?.check(line, start, `record ${from + row + 1} of page ${number}`);
        presence.see(found.spans);
        spans.set(found.spans, row * width);
      }
      yield jsonChunk({
        line,
        fields,
        count,
        spans,
        starts: starts.slice(from, from + count),
        sheet: `page ${number}`,
        lines: Float64Array.from({ length: count }, (_, row) => from + row + 1),
        faults: new Map(),
      });
    }
    if (starts.length > 0) presence.keepSample(records);
  }
  presence.check(landed.name);
}
