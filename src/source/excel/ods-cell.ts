import { CellKind } from '../source.ts';
import { formatElapsed } from './serial-date.ts';
import type { SheetWriter } from './sheet-writer.ts';
import { attribute, type XmlScanner } from './xml-scanner.ts';

/** A cell of an OpenDocument sheet, before its paragraphs have been read. */
export interface OdsCell {
  /** From 0. */
  readonly column: number;
  /** In how many columns it stands. */
  readonly repeat: number;
  readonly type: string | undefined;
  readonly value: string | undefined;
  readonly hasFormula: boolean;
  readonly isError: boolean;
  /** Its paragraphs, joined by line feeds. */
  text: string;
  /** Whether it has a paragraph. */
  hasText: boolean;
}

/** Reads the attributes of `table:table-cell`; covered cells are read as well, for their column. */
export function readOdsCell(xml: XmlScanner, column: number): OdsCell {
  const type = attribute(xml, 'office:value-type') ?? attribute(xml, 'value-type');
  return {
    column,
    repeat: repeatOf(xml, 'number-columns-repeated'),
    type,
    value: valueOf(xml, type),
    hasFormula: attribute(xml, 'formula') !== undefined,
    isError: attribute(xml, 'calcext:value-type') === 'error',
    text: '',
    hasText: false,
  };
}

/** A count from 1; anything else is 1. */
export function repeatOf(xml: XmlScanner, name: string): number {
  const count = Number(attribute(xml, name) ?? 1);
  return Number.isSafeInteger(count) && count > 0 ? count : 1;
}

function valueOf(xml: XmlScanner, type: string | undefined): string | undefined {
  switch (type) {
    case 'date':
      return attribute(xml, 'date-value');
    case 'time':
      return attribute(xml, 'time-value');
    case 'boolean':
      return attribute(xml, 'boolean-value');
    case 'string':
      return attribute(xml, 'string-value');
    default:
      return attribute(xml, 'office:value') ?? attribute(xml, 'value');
  }
}

export const isEmptyCell = ({ type, text, hasFormula }: OdsCell): boolean =>
  type === undefined && text === '' && !hasFormula;

/** What spreadsheet programs write where a formula failed. */
const errorText = /^(?:#(?:N\/A|NULL!|DIV\/0!|VALUE!|REF!|NAME\?|NUM!)|Err:\d{3})$/u;

/** Adds a cell as what it means, as often as it is repeated. */
export function writeOdsCell(writer: SheetWriter, cell: OdsCell): void {
  writer.skipTo(cell.column);
  for (let count = 0; count < cell.repeat; count += 1) writeOnce(writer, cell);
}

function writeOnce(writer: SheetWriter, cell: OdsCell): void {
  const { type, value, text } = cell;
  if (cell.isError || (cell.hasFormula && errorText.test(text))) {
    writer.text(text === '' ? '#VALUE!' : text, CellKind.error);
  } else if (type === undefined) {
    const isStale = cell.hasFormula && text === '';
    writer.text(
      isStale ? '(formula without a stored result)' : text,
      isStale ? CellKind.stale : text === '' ? CellKind.missing : CellKind.text,
    );
  } else if (type === 'string') {
    writer.text(value ?? text, CellKind.text);
  } else if (value === undefined) {
    writer.text(text, cell.hasFormula ? CellKind.stale : CellKind.text);
  } else if (type === 'boolean') {
    writer.text(value === 'true' ? 'true' : 'false', CellKind.boolean);
  } else if (type === 'date') {
    writer.text(isoDate(value), CellKind.date);
  } else if (type === 'time') {
    writeTime(writer, value);
  } else {
    writer.number(value, 'number');
  }
}

/** `2026-03-31T00:00:00` is the day, and a fraction has no zeros at its end. */
const isoDate = (value: string): string =>
  value
    .replace(/Z$/u, '')
    .replace(/(\.\d*?)0+$/u, '$1')
    .replace(/\.$/u, '')
    .replace(/T00:00:00$/u, '');

/** A duration of less than a day is a time of day, as it is in a workbook of Excel. */
function writeTime(writer: SheetWriter, value: string): void {
  const match = /^(-?)P(?:(\d+)D)?T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/u.exec(value);
  if (match === null) {
    writer.text(value, CellKind.text);
    return;
  }
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  const inDays =
    Number(days) + Number(hours) / 24 + Number(minutes) / 1440 + Number(seconds) / 86_400;
  const clock = formatElapsed(sign === '-' ? -inDays : inDays);
  if (sign !== '-' && inDays < 1) writer.text(`1899-12-31T${clock}`, CellKind.date);
  else writer.text(clock, CellKind.text);
}
