import type { ByteReader } from '../../../src/source/csv/byte-reader.ts';
import { Tokenizer, type TokenizerOptions } from '../../../src/source/csv/tokenizer.ts';
import { type ReadRow, rowsOf } from '../read-rows.ts';

export const commas = { delimiter: 0x2c, quote: 0x22, comment: new Uint8Array() };

/** Gives at most `sizeBytes` at a time. */
export function readerOfBytes(bytes: Uint8Array, sizeBytes = 1024): ByteReader {
  let offset = 0;
  return async (into) => {
    const part = bytes.subarray(offset, offset + Math.min(sizeBytes, into.length));
    into.set(part);
    offset += part.length;
    return part.length;
  };
}

export async function tokenize(
  content: string | Uint8Array,
  options: Partial<TokenizerOptions> & { readonly readBytes?: number } = {},
): Promise<{ rows: ReadRow[]; blankRows: number; commentRows: number }> {
  const read = readerOfBytes(Buffer.from(content), options.readBytes);
  const tokenizer = new Tokenizer(read, { dialect: commas, keepFirst: 0, ...options });
  const rows: ReadRow[] = [];
  for (;;) {
    const chunk = await tokenizer.next();
    if (chunk === undefined) break;
    rows.push(...rowsOf(chunk));
  }
  return { rows, blankRows: tokenizer.blankRows, commentRows: tokenizer.commentRows };
}
