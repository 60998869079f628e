/** Mail programs show about this many characters of a subject. */
const charactersMax = 150;

/**
 * Text that may hold anything, as it may stand in a header: one line without control characters, line
 * separators and marks that reverse the writing direction.
 */
export function headerText(text: string): string {
  const line = text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]+/gu, ' ')
    .replaceAll(/ {2,}/gu, ' ')
    .trim();
  const characters = Array.from(line);
  return characters.length <= charactersMax
    ? line
    : `${characters
        .slice(0, charactersMax - 1)
        .join('')
        .trimEnd()}…`;
}
