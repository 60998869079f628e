import type { RecordFate } from '../source/source.ts';

/** What became of each record of a delivery, a byte each: rows nested in it share its fate. */
export interface RecordFates {
  /** Positions are from 1. */
  readonly set: (record: number, fate: Exclude<RecordFate, 'accepted'>) => void;
  readonly of: (record: number) => RecordFate;
}

const fates = ['accepted', 'rejected', 'repeated'] as const;

export function createRecordFates(): RecordFates {
  let bytes = new Uint8Array(1024);
  return {
    set: (record, fate) => {
      if (record >= bytes.length) {
        const larger = new Uint8Array(Math.max(bytes.length * 2, record + 1));
        larger.set(bytes);
        bytes = larger;
      }
      bytes[record] = fates.indexOf(fate);
    },
    of: (record) => fates[bytes[record] ?? 0] ?? 'accepted',
  };
}
