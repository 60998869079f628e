/**
 * Fills `into` from its start with the next bytes and returns how many; 0 only at the end.
 * The caller owns the memory, so that a file is read into the buffer it is parsed in.
 */
export type ByteReader = (into: Uint8Array) => Promise<number>;

/** A reader of blocks that someone else allocated. */
export function readerOf(blocks: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = blocks[Symbol.asyncIterator]();
  let block: Uint8Array = new Uint8Array(0);
  let offset = 0;
  return async (into) => {
    while (offset === block.length) {
      const next = await iterator.next();
      if (next.done === true) return 0;
      block = next.value;
      offset = 0;
    }
    const taken = block.subarray(offset, offset + into.length);
    into.set(taken);
    offset += taken.length;
    return taken.length;
  };
}

/** The next bytes of a reader; fewer than `sizeBytes` only when there are no more. */
export async function readHead(read: ByteReader, sizeBytes: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(sizeBytes);
  let length = 0;
  while (length < sizeBytes) {
    const more = await read(buffer.subarray(length));
    if (more === 0) break;
    length += more;
  }
  return buffer.subarray(0, length);
}

/** `head`, then what `rest` gives. */
export function prepend(head: Uint8Array, rest: ByteReader): ByteReader {
  let offset = 0;
  return async (into) => {
    if (offset === head.length) return await rest(into);
    const taken = head.subarray(offset, offset + into.length);
    into.set(taken);
    offset += taken.length;
    return taken.length;
  };
}
