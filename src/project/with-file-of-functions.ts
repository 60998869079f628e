import type { Source } from '../source/source.ts';

/** What a transform and rules do is in the file's text, with what they call beside them. */
export function withFileOfFunctions(source: Source, text: string): Source {
  const contracts = [source, ...Object.values(source.children ?? {})].map((each) => each.contract);
  const hasNone = contracts.every(
    ({ transform, rules = [] }) => transform === undefined && rules.length === 0,
  );
  return hasNone ? source : { ...source, reading: `${source.reading}\n${text}` };
}
