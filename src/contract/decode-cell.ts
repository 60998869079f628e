import type { ColumnType } from './column.ts';

/**
 * Reads a written field back as the value a custom rule sees. `at` points at the field's length.
 * `scale` matters for decimals only.
 */
export function decodeCell(
  type: ColumnType,
  bytes: Buffer,
  at: number,
): { value: unknown; next: number } {
  const length = bytes.readInt32BE(at);
  if (length < 0) return { value: null, next: at + 4 };
  const start = at + 4;
  return { value: decodeValue(type, bytes, start, start + length), next: start + length };
}

function decodeValue(type: ColumnType, bytes: Buffer, start: number, end: number): unknown {
  switch (type) {
    case 'text':
    case 'one-of':
      return bytes.toString('utf8', start, end);
    case 'integer':
      return bytes.readBigInt64BE(start);
    case 'decimal':
      return decodeNumeric(bytes, start);
    case 'boolean':
      return bytes[start] === 1;
    case 'date':
      return isoDate(bytes.readInt32BE(start));
    case 'timestamp': {
      const micros = bytes.readBigInt64BE(start);
      const days = Number(floorDivide(micros, dayMicros));
      return `${isoDate(days)}T${isoTime(micros - BigInt(days) * dayMicros)}Z`;
    }
    case 'time':
      return isoTime(bytes.readBigInt64BE(start));
    case 'json':
      return JSON.parse(bytes.toString('utf8', start + 1, end));
  }
}

const dayMicros = 86_400_000_000n;
const floorDivide = (a: bigint, b: bigint): bigint => (a >= 0n ? a / b : -((-a + b - 1n) / b));
const pad = (value: number | bigint, width: number): string => String(value).padStart(width, '0');

const isoDate = (daysFrom2000: number): string => {
  const date = new Date(daysFrom2000 * 86_400_000 + 946_684_800_000);
  return `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1, 2)}-${pad(date.getUTCDate(), 2)}`;
};

const isoTime = (micros: bigint): string => {
  const seconds = micros / 1_000_000n;
  return `${pad(seconds / 3600n, 2)}:${pad((seconds / 60n) % 60n, 2)}:${pad(seconds % 60n, 2)}.${pad(micros % 1_000_000n, 6)}`;
};

/** Postgres' numeric: base-10,000 digits, `weight` of the first, sign, display scale. */
function decodeNumeric(bytes: Buffer, start: number): string {
  const count = bytes.readInt16BE(start);
  const weight = bytes.readInt16BE(start + 2);
  const negative = bytes.readUInt16BE(start + 4) === 0x4000;
  const scale = bytes.readInt16BE(start + 6);
  const group = (index: number): string =>
    pad(index >= 0 && index < count ? bytes.readInt16BE(start + 8 + 2 * index) : 0, 4);
  let whole = '';
  for (let index = 0; index <= weight; index += 1) whole += group(index);
  let fraction = '';
  for (let index = weight + 1; fraction.length < scale; index += 1) fraction += group(index);
  const text = `${whole.replace(/^0+(?=\d)/, '') || '0'}${scale > 0 ? `.${fraction.slice(0, scale)}` : ''}`;
  return negative ? `-${text}` : text;
}
