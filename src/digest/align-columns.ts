/** Characters of East Asian width take two columns of a terminal or a plain-text mail. */
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uFF01-\uFF60]/u;

/** Columns a text takes where every letter is equally wide; combining marks take none. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}

/** Rows as lines: cells of a column one under the other, numbers flush right, two blanks between. */
export function alignColumns(
  rows: readonly (readonly string[])[],
  right: readonly boolean[],
): readonly string[] {
  const widths = right.map((_, column) =>
    Math.max(0, ...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  return rows.map((row) =>
    widths
      .map((width, column) => {
        const text = row[column] ?? '';
        const gap = ' '.repeat(width - widthOf(text));
        return right[column] === true ? gap + text : text + gap;
      })
      .join('  ')
      .trimEnd(),
  );
}
