import { type CellWriter, reserve, writeInt32, writeSafeInt64 } from '../contract/cell.ts';
import { writeRowHash } from '../contract/row-hash.ts';

/** Fields that follow the contract's: `_batch_id`, `_row_number`, `_row_hash`, `_flags`. */
export const metadataFields = 4;
/** Bytes of the first three of them. */
export const metadataBytes = 12 + 12 + 20;
/** Where the row's hash stands in them. */
export const hashOffset = 12 + 12 + 4;

/** Ends a row: writes its metadata behind the fields that begin at `dataStart`, which it hashes. */
export function writeMetadata(
  out: CellWriter,
  dataStart: number,
  row: {
    readonly batchId: number;
    readonly recordNumber: number;
    readonly flags: readonly string[] | undefined;
  },
): void {
  const dataEnd = out.at;
  const { bytes } = out;
  writeInt32(bytes, dataEnd, 8);
  writeSafeInt64(bytes, dataEnd + 4, row.batchId);
  writeInt32(bytes, dataEnd + 12, 8);
  writeSafeInt64(bytes, dataEnd + 16, row.recordNumber);
  writeInt32(bytes, dataEnd + 24, 16);
  writeRowHash(bytes, dataStart, dataEnd, bytes, dataEnd + 28);
  out.at = dataEnd + metadataBytes;
  if (row.flags === undefined) {
    writeInt32(bytes, out.at, -1);
    out.at += 4;
  } else {
    writeTextArray(out, row.flags);
  }
}

/** The object id of type text. */
const textOid = 25;

/** A one-dimensional text[] in Postgres' binary form. */
function writeTextArray(out: CellWriter, texts: readonly string[]): void {
  const encoded = texts.map((text) => Buffer.from(text));
  const sizeBytes = 20 + encoded.reduce((sum, text) => sum + 4 + text.length, 0);
  reserve(out, sizeBytes + 4);
  // Size, dimensions, has-nulls, element type, length and lower bound of the dimension.
  for (const value of [sizeBytes, 1, 0, textOid, encoded.length, 1]) {
    writeInt32(out.bytes, out.at, value);
    out.at += 4;
  }
  for (const text of encoded) {
    writeInt32(out.bytes, out.at, text.length);
    out.bytes.set(text, out.at + 4);
    out.at += 4 + text.length;
  }
}
