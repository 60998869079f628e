import type { Footer } from '../source/footer.ts';
import type { Header, HeaderRows } from '../source/header.ts';
import type { RecordStream } from '../source/source.ts';
import type { TotalsRow } from '../source/totals-row.ts';
import type { Question } from './inferred.ts';

/** What a source declares about a text file; what is left out is the default. */
export interface CsvSettings {
  readonly delimiter?: string;
  readonly quote?: string | null;
  readonly encoding?: string;
  readonly header?: Header;
  readonly comment?: string;
  readonly totalsRow?: TotalsRow | readonly TotalsRow[];
  readonly footer?: Footer;
}

/** What a source declares about a workbook. */
export interface ExcelSettings {
  readonly sheet?: string;
  readonly header?: HeaderRows;
  readonly merged?: 'top-left';
  readonly totalsRow?: TotalsRow | readonly TotalsRow[];
  readonly footer?: Footer;
}

export type TableSettings =
  | ({ readonly builder: 'csv' } & CsvSettings)
  | ({ readonly builder: 'excel' } & ExcelSettings);

/** Something that was found out about a file, for people: `Encoding  windows-1252 (97 %: …)`. */
export interface Fact {
  readonly what: string;
  readonly value: string;
  /** 0 to 1; undefined for what is certain or was asked for. */
  readonly confidence: number | undefined;
  readonly why: string | undefined;
}

/** A file in which a table was found, and how to read it. */
export interface TableFile {
  readonly settings: TableSettings;
  readonly facts: readonly Fact[];
  readonly questions: readonly Question[];
  /** Reads all its records, as a source with these settings does. */
  readonly open: () => Promise<RecordStream>;
}

/** What the person who asks knows already. */
export interface Given {
  readonly sheet?: string | undefined;
  /** Row of the labels, from 1. */
  readonly headerRow?: number | undefined;
  readonly encoding?: string | undefined;
  readonly delimiter?: string | undefined;
}

/** Names below the first row of labels may be the words of a row with no numbers. */
export const joinedQuestion = (row: number, rows: number): Question => ({
  text: `Rows ${row} to ${row + rows - 1} are taken for the labels, joined. If only row ${row} holds labels: --header ${row}.`,
  readings: [],
});

/** Where labels stand, as a source declares it. */
export const headerRows = (row: number, rows: number): HeaderRows =>
  rows === 2 || rows === 3 || rows === 4 || rows === 5 ? { row, rows } : { row };
