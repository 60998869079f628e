import { notesMax } from './marks.ts';

/** What the sender should know of rows that are not marked, or not commented. */
export function remarksOf(marking: {
  readonly delivery: { readonly rejected: number };
  readonly rejects: readonly unknown[];
}): readonly string[] {
  const { rejected } = marking.delivery;
  const marked = marking.rejects.length;
  return [
    ...(rejected > marked
      ? [
          `${marked} of the ${rejected} rows that were not taken are marked here; the others were counted.`,
        ]
      : []),
    ...(marked > notesMax
      ? [`The first ${notesMax} wrong cells have a comment; the others are coloured only.`]
      : []),
  ];
}
