/**
 * Values of one field as short as cron has them: `*` for all, `0-29` for three or more in a row,
 * `1,15` otherwise. No steps: what `0/7` means differs between schedulers.
 */
export function writeField(
  values: readonly number[],
  all: readonly number[],
  names?: readonly string[],
): string {
  if (values.length === all.length) return '*';
  const shown = (value: number): string => names?.[value] ?? String(value);
  const parts: string[] = [];
  for (let start = 0; start < values.length;) {
    let end = start;
    while (values[end + 1] === (values[end] ?? 0) + 1) end += 1;
    const run = values.slice(start, end + 1);
    const [first = 0, last = first] = [run[0], run.at(-1)];
    parts.push(run.length > 2 ? `${shown(first)}-${shown(last)}` : run.map(shown).join(','));
    start = end + 1;
  }
  return parts.join(',');
}
