import type { ColumnSpec } from '../contract/column.ts';

/** One of several ways to read a column, with what an example of it would be. */
export interface Reading {
  readonly spec: ColumnSpec;
  /** `"1.234" is 1234`. */
  readonly means: string;
}

/** What the file does not say, and someone has to. */
export interface Question {
  /** One sentence, with an example and where it stands. */
  readonly text: string;
  /** What could be declared instead, if that is known. */
  readonly readings: readonly Reading[];
}

/** A column as the file shows it. */
export interface InferredColumn {
  /** What a contract calls it. */
  readonly name: string;
  /** As written in the header. */
  readonly label: string;
  /** The label is not what the contract finds by the name alone. */
  readonly needsHeader: boolean;
  readonly spec: ColumnSpec;
  readonly questions: readonly Question[];
  /** What was seen, for people: short clauses. */
  readonly notes: readonly string[];
  readonly cells: number;
  /** Cells with a value: neither empty nor a text that stands for none. */
  readonly filled: number;
  readonly examples: readonly string[];
}
