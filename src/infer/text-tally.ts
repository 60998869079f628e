import { wordsPattern } from './cell-shape.ts';
import { isPlaceholder } from './missing-texts.ts';
import { createShapeTable, type SeenCell, type ShapeCounts } from './shape-counts.ts';

/** How often a text occurs, and where first. */
export interface TextCount {
  count: number;
  readonly line: number;
}

/** The texts of a column. */
export interface TextProfile {
  /** Texts that are no placeholders, by what they are made of. */
  readonly shapes: readonly ShapeCounts[];
  /** Each text with how often it occurs; undefined when there are more than 1,000. */
  readonly texts: ReadonlyMap<string, TextCount> | undefined;
  /** Texts that may stand for no value. */
  readonly placeholders: ReadonlyMap<string, TextCount>;
  /** The first texts that are neither numbers, dates nor times. */
  readonly words: ReadonlyMap<string, TextCount>;
  /** Texts that are JSON objects or arrays. */
  readonly documents: number;
  /** Texts that start or end with a minus, or stand in parentheses. */
}

const textsMax = 1_000;
const wordsMax = 20;

/** Counts texts, in memory that does not grow with the column. */
export interface TextTally {
  readonly add: (cell: SeenCell) => void;
  readonly finish: () => TextProfile;
}

export function createTextTally(): TextTally {
  const shapes = createShapeTable();
  const placeholders = new Map<string, TextCount>();
  const words = new Map<string, TextCount>();
  let documents = 0;
  let texts: Map<string, TextCount> | undefined = new Map();

  const classify = (cell: SeenCell, times: number): void => {
    const { text } = cell;
    if (isPlaceholder(text)) {
      countText(placeholders, cell, times);
      return;
    }
    const { pattern } = shapes.add(cell, times);
    if (pattern === wordsPattern) {
      if (words.has(text) || words.size < wordsMax) countText(words, cell, times);
      if (isDocument(text)) documents += times;
    }
  };
  const classifyAll = (counted: ReadonlyMap<string, TextCount>): void => {
    for (const [text, { count, line }] of counted) classify({ text, line }, count);
  };

  return {
    add: (cell) => {
      if (texts === undefined) return classify(cell, 1);
      countText(texts, cell, 1);
      if (texts.size <= textsMax) return;
      // From here on each cell is looked at by itself.
      classifyAll(texts);
      texts = undefined;
    },
    finish: () => {
      if (texts !== undefined) classifyAll(texts);
      return { shapes: shapes.all(), texts, placeholders, words, documents };
    },
  };
}

function countText(into: Map<string, TextCount>, { text, line }: SeenCell, times: number): void {
  const known = into.get(text);
  if (known === undefined) into.set(text, { count: times, line });
  else known.count += times;
}

function isDocument(text: string): boolean {
  if (!/^[[{]/u.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
