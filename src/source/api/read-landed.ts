import type { LandedDelivery, RecordChunk, RecordStream } from '../source.ts';
import { type ApiField, createPresence } from './api-fields.ts';
import { jsonChunk, recordsPerChunk } from './json-chunk.ts';
import { compileFields, createFieldSpans, findFields } from './json-fields.ts';
import { readPages } from './landed-pages.ts';

/**
 * Reads the landing file of an API window. Throws `source-error` when it is not whole, and
 * `missing-label` at its end when no record had one of the fields expected.
 */
export function readLanded(
  landed: LandedDelivery,
  fields: readonly ApiField[],
  signal: AbortSignal,
): RecordStream {
  return {
    header: fields.map((field) => field.label),
    chunks: readChunks(landed, fields, signal),
    summary: () => ({ skipped: {}, totals: {} }),
  };
}

async function* readChunks(
  landed: LandedDelivery,
  fields: readonly ApiField[],
  signal: AbortSignal,
): AsyncIterable<RecordChunk> {
  const presence = createPresence(fields);
  const tree = compileFields(fields.map((field) => field.paths));
  const found = createFieldSpans(tree);
  const width = fields.length * 2;
  for await (const { line, starts, number, records } of readPages(landed, signal)) {
    for (let from = 0; from < starts.length; from += recordsPerChunk) {
      const count = Math.min(recordsPerChunk, starts.length - from);
      const spans = new Int32Array(count * width);
      for (let row = 0; row < count; row += 1) {
        findFields(tree, line, starts[from + row] ?? 0, found);
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
        firstLine: from + 1,
        faults: new Map(),
      });
    }
    if (starts.length > 0) presence.keepSample(records);
  }
  presence.check(landed.name);
}
