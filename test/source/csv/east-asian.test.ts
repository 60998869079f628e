import { expect, test } from 'vitest';

import { csv } from '../../../src/source/csv/csv.ts';
import { detectEncoding } from '../../../src/source/csv/detect-encoding.ts';
import { sureEnough } from '../../../src/source/csv/guess.ts';
import { readEastAsian } from '../../../src/source/csv/read-east-asian.ts';
import { folder } from '../../../src/source/location/folder.ts';
import { createRandom } from '../../helpers/random.ts';
import { cellsOf, readContent } from '../read-rows.ts';

/** What each character is in an encoding of up to two bytes, by the encoding's own decoder. */
function encoder(label: string): (text: string) => Buffer {
  const decoder = new TextDecoder(label, { fatal: true });
  const codes = new Map<string, readonly number[]>();
  const add = (...bytes: number[]): void => {
    try {
      const character = decoder.decode(Uint8Array.from(bytes));
      if (!codes.has(character)) codes.set(character, bytes);
    } catch {
      // These bytes are no character.
    }
  };
  for (let lead = 0; lead < 256; lead += 1) {
    add(lead);
    if (lead < 0x80) continue;
    for (let trail = 0x40; trail < 256; trail += 1) add(lead, trail);
  }
  return (text) =>
    Buffer.from(
      Array.from(text).flatMap((character) => {
        const bytes = codes.get(character);
        if (bytes === undefined) throw new RangeError(`no ${character} in ${label}`);
        return bytes;
      }),
    );
}

/** Words of bank statements. Some bytes of 表, 能 and ソ are a backslash and a bar. */
const words: Readonly<Record<string, readonly string[]>> = {
  shift_jis: ['給与', '振込　ヤマダ', '表示', 'ソニー', 'ﾔﾏﾀﾞ', 'コンビニ', '東京電力', '機能'],
  'euc-jp': ['給与', '振込　ヤマダ', '表示', 'ソニー', 'コンビニ', '東京電力', 'でんき'],
  gb18030: ['北京超市', '工资', '电费缴纳', '中国移动', '李明', '转账'],
  big5: ['功能', '台北商店', '電費', '薪資轉帳', '王小明', '許蓋功'],
  'euc-kr': ['급여', '편의점', '전기요금', '계좌이체', '김철수'],
};

test.each(Object.keys(words))('%s that is declared is read', async (label) => {
  const rows = (words[label] ?? []).map((word, index) => [word, `${word}; "x"`, String(index)]);
  const lines = rows.map(([a, b, c]) => `${a};"${b?.replaceAll('"', '""')}";${c}`);
  const content = encoder(label)(`a;b;c\r\n${lines.join('\r\n')}\r\n`);
  const source = csv({ from: folder('*'), columns: {}, delimiter: ';', encoding: label });
  expect(cellsOf(await readContent(source, content, 'a.csv'))).toEqual(rows);
});

test.each(Object.keys(words))('%s that is not declared is never taken for another', (label) => {
  const encode = encoder(label);
  const list = words[label] ?? [];
  const random = createRandom(20_261_123);
  for (let round = 0; round < 60; round += 1) {
    const count = 1 + (round % 6);
    const cells = Array.from(
      { length: count },
      () => list[Math.floor(random() * list.length)] ?? '',
    );
    const bytes = encode(
      `day,text,amount\n${cells.map((cell) => `2026-01-02,${cell},5\n`).join('')}`,
    );
    const guess = detectEncoding({ bytes, whole: true });
    const isSure = guess.value !== 'unknown' && guess.confidence >= sureEnough;
    expect(isSure ? `${guess.value} for ${cells.join()}` : '').toBe('');
  }
});

test.each(['Übertrag', 'Straße', 'Größe', 'Währg', 'Élan', 'Noël', 'Ærø'])(
  '%s alone is no text of East Asia',
  (word) => {
    const bytes = Buffer.from(`day,text\n2026-01-02,${word}\n`, 'latin1');
    expect(readEastAsian(bytes).some(({ isPlausible }) => isPlausible)).toBe(false);
  },
);

test.each([
  ['shift_jis', 'Japanese'],
  ['gb18030', 'Simplified Chinese'],
  ['big5', 'Traditional Chinese'],
  ['euc-kr', 'Korean'],
])('what %s may be is named with its first words', async (label, language) => {
  const list = words[label] ?? [];
  const content = encoder(label)(`day,text\n${list.map((word) => `1,${word}\n`).join('')}`);
  const source = csv({ from: folder('*'), columns: {}, encoding: 'detect' });
  await expect(readContent(source, content, 'a.csv')).rejects.toMatchObject({
    code: 'encoding-error',
    message: expect.stringContaining(`as ${language} it begins "${list[0] ?? ''}`),
    remedy: `Ask the sender, and declare it in the source, e.g. encoding: "${label}".`,
  });
});
