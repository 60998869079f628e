import type { ColumnSpec } from '../contract/column.ts';
import type { FilePreview } from '../infer/infer-file.ts';
import type { InferredColumn, Question } from '../infer/inferred.ts';
import { printCode } from '../infer/print-code.ts';
import type { Fact } from '../infer/table-file.ts';
import { columnCall } from '../infer/write-source.ts';
import { percentOf } from '../source/csv/guess.ts';
import { ownCommand } from './own-command.ts';
import { formatTable } from './table.ts';
import type { Terminal } from './terminal.ts';

/** Text is wrapped to it; tables are cut to about that. */
const widthMax = 96;
const headCellMax = 22;

/** A source that was just written. */
export interface WrittenSource {
  readonly source: string;
  /** Under the project folder. */
  readonly file: string;
  /** Whether a comment in it asks for a decision. */
  readonly isUnsure: boolean;
}

interface Printing {
  /** As it was typed. */
  readonly file: string;
  readonly written: WrittenSource | undefined;
}

/** Shows a preview: what the file is, its columns, its first rows, what is unsure, what to do next. */
export function printPreview(preview: FilePreview, terminal: Terminal, about: Printing): void {
  const { print, paint } = terminal;
  const { check, columns } = preview;
  print(
    `${paint.strong(preview.name)}  ${number(check.rows)} ${check.rows === 1 ? 'row' : 'rows'}, ${number(columns.length)} ${columns.length === 1 ? 'column' : 'columns'}${preview.isCut ? ' (of more)' : ''}`,
  );
  print();
  for (const fact of preview.facts) printFact(fact, terminal);
  const skipped = Object.entries(preview.skipped).filter(([reason]) => reason !== 'header-row');
  if (skipped.length > 0) {
    const list = skipped.map(([reason, count]) => `${number(count)} ${reason}`).join(', ');
    printFact({ what: 'No rows', value: list, confidence: undefined, why: undefined }, terminal);
  }
  for (const proof of preview.proofs) {
    printFact({ what: 'Totals', value: proof, confidence: undefined, why: undefined }, terminal);
  }
  printColumns(preview, terminal);
  printHead(preview, terminal);
  printUnsure(preview, terminal);
  printOutcome(preview, terminal);
  printNext(about, terminal);
}

const number = (value: number): string => value.toLocaleString('en-GB');

function printFact({ what, value, confidence, why }: Fact, { print, paint }: Terminal): void {
  const sure = confidence === undefined ? '' : `${percentOf(confidence)} sure`;
  const because = [sure, why].filter((part) => part !== undefined && part !== '').join(': ');
  const [first = '', ...rest] = wrap(
    because === '' ? value : `${value}  (${because})`,
    widthMax - 13,
  );
  print(`  ${paint.faint(what.padEnd(10))} ${first}`);
  for (const line of rest) print(`  ${' '.repeat(10)} ${line}`);
}

function printColumns({ columns, leftOut }: FilePreview, { print, paint }: Terminal): void {
  print();
  const rows = columns.map((column) => {
    const isUnsure = column.questions.length > 0;
    const type = `${typeName(column.spec)}${isUnsure ? ' ?' : ''}`;
    return [
      cut(column.name, 26),
      isUnsure ? { text: cut(type, 26), paint: paint.notice } : cut(type, 26),
      share(column),
      { text: cut(column.examples.map(oneLine).join(', '), 36), paint: paint.faint },
    ];
  });
  const titles = [
    { title: 'column' },
    { title: 'type' },
    { title: 'filled', align: 'right' as const },
    { title: 'examples' },
  ];
  for (const line of formatTable(titles, rows, paint.strong)) print(line);
  const notes = columns.flatMap((column) => column.notes.map((note) => `${column.name}: ${note}`));
  if (notes.length + leftOut.length > 0) print();
  for (const note of notes) for (const line of wrapped(note)) print(paint.faint(line));
  for (const left of leftOut)
    for (const line of wrapped(`${left}: not loaded`)) print(paint.notice(line));
}

/** `decimal(12, 2)`, `date dd.MM.yyyy`, `one of 4`. */
function typeName(spec: ColumnSpec): string {
  switch (spec.type) {
    case 'decimal': {
      const marks = spec.decimalMark === ',' || spec.thousandsMark !== undefined;
      const shown = `1${spec.thousandsMark ?? ''}234${spec.decimalMark ?? '.'}5`;
      return `decimal(${spec.precision}, ${spec.scale})${marks ? ` as ${shown}` : ''}`;
    }
    case 'integer':
      return spec.thousandsMark === undefined ? 'integer' : `integer as 1${spec.thousandsMark}234`;
    case 'date':
    case 'timestamp':
    case 'time':
      return spec.format === undefined ? spec.type : `${spec.type} ${spec.format}`;
    case 'one-of':
      return `one of ${spec.values.length}`;
    default:
      return spec.type;
  }
}

function share({ filled, cells }: InferredColumn): string {
  if (cells === 0) return '–';
  if (filled === cells) return '100 %';
  if (filled === 0) return '0 %';
  return `${Math.min(99, Math.max(1, Math.round((filled / cells) * 100)))} %`;
}

function printHead({ labels, head }: FilePreview, { print, paint }: Terminal): void {
  if (head.length === 0) return;
  const widths = labels.map((label, index) => {
    const texts = [label, ...head.map(({ cells }) => cells[index] ?? '')];
    return Math.min(headCellMax, Math.max(...texts.map((text) => oneLine(text).length)));
  });
  let room = widthMax - 8;
  const fitting = widths.findIndex((width) => (room -= width + 2) < 0);
  const shown = fitting === -1 ? labels : labels.slice(0, Math.max(1, fitting));
  const columns = [
    { title: 'row', align: 'right' as const },
    ...shown.map((label, index) => ({ title: cut(oneLine(label), widths[index] ?? headCellMax) })),
  ];
  const rows = head.map(({ line, cells }) => [
    { text: String(line), paint: paint.faint },
    ...shown.map((_, index) => cut(oneLine(cells[index] ?? ''), widths[index] ?? headCellMax)),
  ]);
  print();
  for (const line of formatTable(columns, rows, paint.strong)) print(line);
  const more = labels.length - shown.length;
  if (more > 0) print(paint.faint(`  and ${more} ${more === 1 ? 'column' : 'columns'} more`));
}

function printUnsure({ questions, columns, keys }: FilePreview, { print, paint }: Terminal): void {
  const all = [
    ...questions.map((question) => ({ question, column: undefined })),
    ...columns.flatMap((column) => column.questions.map((question) => ({ question, column }))),
  ];
  if (all.length > 0) {
    print();
    print(paint.notice(`Unsure (${all.length})`));
    for (const { question, column } of all) {
      for (const line of questionLines(question, column)) print(line);
    }
  }
  if (keys.length === 0) return;
  print();
  for (const { columns: names, isClear, why } of keys) {
    const [first = '', ...rest] = wrap(
      `${isClear ? 'Key' : 'Perhaps a key'}: ${names.join(', ')}  (${why})`,
      widthMax,
    );
    print(isClear ? first : paint.faint(first));
    for (const line of rest) print(paint.faint(`  ${line}`));
  }
}

function questionLines(
  { text, readings }: Question,
  column: InferredColumn | undefined,
): readonly string[] {
  const lines = wrapped(column === undefined ? text : `${column.name}: ${text}`);
  if (column === undefined) return lines;
  const declared = readings.map(({ spec, means }) => {
    const code = printCode(columnCall(column, spec), '', { before: Number.NEGATIVE_INFINITY });
    return [`      ${code}`, `        if ${means}`];
  });
  return [...lines, ...declared.flat()];
}

function printOutcome({ check, keys }: FilePreview, { print, paint }: Terminal): void {
  print();
  const { accepted, rejected, refusals } = check;
  const verdict = `By this contract ${number(accepted)} ${accepted === 1 ? 'row loads' : 'rows load'} and ${number(rejected)} ${rejected === 1 ? 'is' : 'are'} rejected.`;
  print(rejected === 0 ? paint.good(verdict) : paint.notice(verdict));
  for (const { column, code, expected, count, value, line } of refusals.slice(0, 10)) {
    const text = `${number(count)}  ${code} ${column}: ${JSON.stringify(cut(value, 40))} in row ${line}; expected ${expected}`;
    for (const each of wrapped(text)) print(each);
  }
  if (keys.length === 0 && check.rows > 1) {
    print(paint.faint('No column or pair of columns tells the rows apart: every row is kept.'));
  }
}

function printNext({ file, written }: Printing, { print, paint }: Terminal): void {
  const command = ownCommand(process.env);
  print();
  if (written === undefined) {
    print(
      `Next: ${paint.link(`${command} preview ${shellQuote(file)} --write`)} writes the source.`,
    );
    return;
  }
  const then = written.isUnsure ? 'Look for // unsure in it, then' : 'Now load it';
  print(`${paint.good(`Wrote ${written.file}.`)} ${then}:`);
  print(`  ${paint.link(`${command} check && ${command} run ${written.source}`)}`);
}

const shellQuote = (text: string): string =>
  /^[\w./-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

const oneLine = (text: string): string => text.replaceAll(/\s+/gu, ' ').trim();

const cut = (text: string, width: number): string => {
  const letters = Array.from(text);
  return letters.length <= width ? text : `${letters.slice(0, width - 1).join('')}…`;
};

/** Lines under one another, the first marked. */
function wrapped(text: string): readonly string[] {
  return wrap(text, widthMax - 4).map((line, index) => `${index === 0 ? '  · ' : '    '}${line}`);
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
