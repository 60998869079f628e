/** Finds a text among known ones: the index of the word, -1 when it is none of them. */
export type FindWord = (bytes: Uint8Array, start: number, end: number) => number;

/**
 * Looks words up by their bytes. A string made for each cell would cost three times as much, and
 * columns of a few words are in every table. With `ignoreCase`, words are compared as
 * `toLowerCase` gives them; of words that are alike the last one counts.
 */
export function createWordTable(
  words: readonly string[],
  options: { readonly ignoreCase: boolean },
): FindWord {
  const { ignoreCase } = options;
  const fold = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
  const indexes = new Map(words.map((word, index) => [fold(word), index]));
  const folded = [...indexes].map(([word, index]) => ({ bytes: Buffer.from(word), index }));
  // Half of the places stay free, so that a search ends soon.
  const mask = 2 ** Math.ceil(Math.log2(2 * folded.length + 2)) - 1;
  const places = new Int32Array(mask + 1).fill(-1);
  for (const [position, { bytes }] of folded.entries()) {
    let place = hashOf(bytes, 0, bytes.length, 0) & mask;
    while (places[place] !== -1) place = (place + 1) & mask;
    places[place] = position;
  }
  const caseBit = ignoreCase ? 0x20 : 0;
  return (bytes, start, end) => {
    const hash = hashOf(bytes, start, end, caseBit);
    // Letters beyond ASCII have no case bit: they are rare enough for a string.
    if (hash === beyondAscii) {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
      return indexes.get(fold(text.toString('utf8'))) ?? -1;
    }
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const word = folded[places[place] ?? -1];
      if (word === undefined) return -1;
      if (equals(bytes, start, end, word.bytes, caseBit)) return word.index;
    }
  };
}

/** What `hashOf` gives, and only then, for letters whose case it cannot fold. */
const beyondAscii = -1;

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv), 31 bits; with a case bit A to Z count as a to z. */
function hashOf(bytes: Uint8Array, start: number, end: number, caseBit: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x80 && caseBit !== 0) return beyondAscii;
    hash = Math.imul(hash ^ foldByte(byte, caseBit), 0x01000193);
  }
  return hash & 0x7fffffff;
}

function equals(
  bytes: Uint8Array,
  start: number,
  end: number,
  word: Uint8Array,
  caseBit: number,
): boolean {
  if (end - start !== word.length) return false;
  for (let index = 0; index < word.length; index += 1) {
    if (foldByte(bytes[start + index] ?? 0, caseBit) !== word[index]) return false;
  }
  return true;
}

const foldByte = (byte: number, caseBit: number): number =>
  byte >= 0x41 && byte <= 0x5a ? byte | caseBit : byte;
