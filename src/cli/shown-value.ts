/** Characters of a value that are shown; who needs all of it has `--json` or the file. */
const longest = 60;

/** Of JSON only these are left as they are, though they move a terminal's cursor or turn its text round. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const unsafe = /[\u{7F}-\u{9F}\u{200E}\u{200F}\u{202A}-\u{202E}\u{2066}-\u{2069}]/gu;

/** A value as a line of a terminal can hold it: quoted, so that blanks and line breaks show, and cut when it is long. */
export function shownValue(value: string | null | undefined): string {
  if (value === null || value === undefined) return 'empty';
  const start = Array.from(value.slice(0, 2 * longest + 2));
  const text = start.length > longest ? `${start.slice(0, longest).join('')}…` : value;
  return JSON.stringify(text).replaceAll(
    unsafe,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/** A key or name as it is where nothing in it could be mistaken, otherwise as a value is shown. */
export const shownName = (name: string | null): string =>
  name !== null && /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,60}$/u.test(name) ? name : shownValue(name);
