import { matchHeader } from '../contract/match-header.ts';
import { createRowEncoder } from '../load/encode-rows.ts';
import { readingOf } from '../load/reread.ts';
import type { RecordStream, Source } from '../source/source.ts';
import type { KeptReject } from './place-faults.ts';
import { readKeptRejects, type Reader, type RejectedDelivery } from './read-delivery.ts';

/** Rows that are marked at most. The loader keeps fewer in the warehouse; more make no file anyone corrects by hand. */
const markedMax = 50_000;

export interface RejectsToFind {
  readonly delivery: RejectedDelivery;
  readonly source: Source;
  readonly zone: string;
  /** Reads the delivery anew. */
  readonly open: () => Promise<RecordStream>;
}

/**
 * The rejected rows of a delivery. When there were more than the loader kept, the rest is found by
 * reading the landed copy again, as long as the contract is the one it was loaded by.
 */
export async function findRejects(
  reader: Reader,
  wanted: RejectsToFind,
): Promise<readonly KeptReject[]> {
  const { delivery, source, zone } = wanted;
  const kept = await readKeptRejects(reader, delivery.batchId);
  const isSame = delivery.reading === readingOf(source, zone);
  if (delivery.rejected <= kept.length || !isSame) return kept;
  const found = await rereadRejects(wanted);
  // Only the merge in the warehouse knows which rows clash over a key.
  const known = new Set(found.map(({ recordNumber }) => recordNumber));
  const clashes = kept.filter(({ recordNumber }) => !known.has(recordNumber));
  return [...found, ...clashes].sort((a, b) => a.recordNumber - b.recordNumber).slice(0, markedMax);
}

async function rereadRejects({
  source,
  zone,
  open,
}: RejectsToFind): Promise<readonly KeptReject[]> {
  const { contract } = source;
  const stream = await open();
  const names = Object.keys(contract.columns);
  const encoder = createRowEncoder({
    contract,
    labels: stream.header,
    match:
      contract.transform === undefined
        ? matchHeader(contract.columns, stream.header, '')
        : { cells: names.map((_, index) => index), extra: [] },
    zone,
    batchId: 0,
    sums: [],
    rejectsMax: markedMax,
  });
  for await (const chunk of stream.chunks) {
    encoder.encode(chunk);
    encoder.reuse();
    if (encoder.state.rejects.kept.length >= markedMax) break;
  }
  return encoder.state.rejects.kept.map(({ rowNumber, sheet, line, faults }) => ({
    recordNumber: rowNumber,
    sheet,
    line,
    faults,
  }));
}
