import { writeRowHash } from '../contract/row-hash.ts';
import { createHashSet, readInt32 } from './hash-set.ts';

/** Remembers the keys of rows as they are encoded, to know that none comes twice. */
export interface KeySet {
  /** Takes the row whose first field begins at `at`, in the format of binary COPY. */
  readonly add: (bytes: Uint8Array, at: number) => void;
  /** False only when no two rows have one key; true also when there were too many to remember. */
  readonly mayRepeat: () => boolean;
}

/** Keys remembered at most: 32 MB of hashes. Beyond that Postgres has to look for repeats. */
const keysMax = 2 ** 21;

/**
 * Nearly every delivery has each key once. To know it from 64 bits of each key's hash, as the rows
 * go by, takes a tenth of the time that grouping the loaded rows by key takes in Postgres. Two keys
 * with one hash only cost that grouping.
 */
export function createKeySet(keyIndexes: readonly number[]): KeySet {
  const last = Math.max(...keyIndexes);
  const isKey = Array.from({ length: last + 1 }, (_, index) => keyIndexes.includes(index));
  const hash = Buffer.alloc(16);
  let key = Buffer.alloc(256);
  const hashes = createHashSet(keysMax);
  let repeats = false;

  /** Writes the hash of the row's key: the key's fields with their lengths, in the contract's order. */
  const hashKey = (bytes: Uint8Array, start: number): void => {
    let at = start;
    let keyBytes = 0;
    for (let index = 0; index <= last; index += 1) {
      const end = at + 4 + Math.max(0, readInt32(bytes, at));
      if (isKey[index] === true) {
        if (keyIndexes.length === 1) {
          writeRowHash(bytes, at, end, hash, 0);
          return;
        }
        if (keyBytes + end - at > key.length) key = grown(key, keyBytes + end - at);
        key.set(bytes.subarray(at, end), keyBytes);
        keyBytes += end - at;
      }
      at = end;
    }
    writeRowHash(key, 0, keyBytes, hash, 0);
  };

  return {
    add: (bytes, at) => {
      if (repeats) return;
      hashKey(bytes, at);
      repeats = !hashes.add(hash, 0) || hashes.isFull();
    },
    mayRepeat: () => repeats,
  };
}

function grown(bytes: Buffer, sizeBytes: number): Buffer<ArrayBuffer> {
  const larger = Buffer.alloc(sizeBytes * 2);
  bytes.copy(larger);
  return larger;
}
