import type { ErrorCode } from '../../src/errors.ts';

/** What a person who reads the message must learn: texts that stand in it. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly says: readonly (string | RegExp)[];
  readonly remedy: string | RegExp;
}

/** A row that is kept out, as `plumbline.reject` has it. */
export interface Reject {
  readonly line: number;
  readonly code: string;
  readonly column: string | null;
  readonly value: string | null;
}

/** Something wrong with a delivery, and what must become of it. */
export interface BadInput<Content> {
  readonly name: string;
  /** Undefined: the delivery is not there. */
  readonly content: Content | undefined;
  /** The delivery is refused whole. */
  readonly refused?: Refusal;
  /** The delivery is loaded without these rows; the others are in the table. */
  readonly rejects?: readonly Reject[];
  /** Ids of the rows that hold when the delivery was loaded. */
  readonly loaded?: readonly string[];
}

/** The contract that all of these deliveries are measured by. */
export const contract = `
  columns: {
    id: column.integer({ required: true }),
    name: column.text({ required: true }),
    amount: column.decimal(12, 2),
    paid_on: column.date(),
  },
  key: ['id'],
  controlTotals: ['amount'],`;

export type Row = readonly [id: number, name: string, amount: string, paidOn: string];

/** What is delivered first, and stays when what comes next is refused. */
export const before: readonly Row[] = [
  [1, 'Ada', '10.50', '2026-01-05'],
  [2, 'Zoë', '20.00', '2026-01-06'],
  [3, 'Bo', '0.25', '2026-01-07'],
];

/** What is delivered once the fault is repaired. */
export const repaired: readonly Row[] = [
  [1, 'Ada', '10.50', '2026-01-05'],
  [2, 'Zoë', '21.00', '2026-01-06'],
  [3, 'Bo', '0.25', '2026-01-07'],
  [4, 'Çem', '7.00', '2026-01-08'],
];
