/** What kind of cell a value came from; text is read by the column's marks and format, the others are canonical. */
export const CellKind = {
  /** As written: subject to decimalMark, format, missing texts. */
  text: 0,
  /** A number in canonical form: `-1234.5`, `1e21`. */
  number: 1,
  /** `true` or `false`. */
  boolean: 2,
  /** A spreadsheet date or date-time in ISO form without zone: `2026-03-31` or `2026-03-31T14:30:00`. */
  date: 3,
  /** A spreadsheet error: `#N/A`. */
  error: 4,
  /** No value (JSON null, an absent field, an empty spreadsheet cell). */
  missing: 5,
  /** JSON text of an object or array. */
  json: 6,
  /** A spreadsheet formula whose result is not stored, or not to be trusted. */
  stale: 7,
  /** A cell of a merged range, of which nobody said what it means; its text is the range's. */
  merged: 8,
} as const;

/**
 * A growing block of bytes that cells are written to, in the format of Postgres' binary COPY:
 * a 32-bit length (-1 for null), then the value. Fields are public because the row loop runs
 * some ten million times a second-hand minute: a call per byte would double its time.
 */
export interface CellWriter {
  bytes: Buffer;
  /** Where the next byte goes. */
  at: number;
  /**
   * After a decimal or integer was written: its value times ten to the power of the column's
   * scale, when that is a safe integer; NaN when it is not, and then `exact` has it.
   */
  scaled: number;
  exact: bigint;
}

export const createCellWriter = (sizeBytes: number): CellWriter => ({
  bytes: Buffer.allocUnsafe(sizeBytes),
  at: 0,
  scaled: Number.NaN,
  exact: 0n,
});

/** Makes room for `sizeBytes` more bytes; what was written stays. */
export function reserve(out: CellWriter, sizeBytes: number): void {
  if (out.at + sizeBytes <= out.bytes.length) return;
  const grown = Buffer.allocUnsafe(Math.max(out.bytes.length * 2, out.at + sizeBytes));
  out.bytes.copy(grown, 0, 0, out.at);
  out.bytes = grown;
}

/**
 * What reading a cell came to. `ok` means written (a null included); a positive number is why the
 * row is rejected and nothing may be relied on; its negative means written, but flagged.
 */
export const Outcome = {
  ok: 0,
  type: 1,
  missing: 2,
  min: 3,
  max: 4,
  minLength: 5,
  maxLength: 6,
  pattern: 7,
  oneOf: 8,
  scale: 9,
  precision: 10,
  ambiguousNumber: 11,
  ambiguousDate: 12,
  dateSerial: 13,
  formula: 14,
  stale: 15,
  merged: 16,
} as const;

/**
 * Reads one cell (`bytes[start .. end)`, of a CellKind) and writes it. At most
 * `2 * (end - start) + 64` bytes are written, for which there must be room.
 */
export type CellReader = (
  bytes: Uint8Array,
  start: number,
  end: number,
  kind: number,
  out: CellWriter,
) => number;

/** Writes the 32-bit length that precedes a value, big-endian. */
export function writeInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Writes a 64-bit integer from a number, which must be a safe integer. */
export function writeSafeInt64(bytes: Uint8Array, at: number, value: number): void {
  writeInt32(bytes, at, Math.floor(value / 0x1_0000_0000));
  writeInt32(bytes, at + 4, value >>> 0);
}
