import { placeText } from '../annotate/place-faults.ts';
import { scaled, unscaled } from '../contract/compare-decimals.ts';
import { ownCommand } from './own-command.ts';
import { amountText, countFormat, countOf } from './print-run.ts';
import type { AffectedDelivery, RejectExample, RejectGroup } from './read-rejects.ts';
import { shownName, shownValue } from './shown-value.ts';
import { type Cell, formatTable } from './table.ts';
import type { Terminal } from './terminal.ts';

export interface RejectsToPrint {
  readonly groups: readonly RejectGroup[];
  readonly terminal: Terminal;
  /** Numbers are written as it has them. */
  readonly locale: string;
  /** The kind of a source: what a place in it is called depends on it. */
  readonly kindOf: (source: string) => string;
  /** The source in whose deliveries the rows of a child table lie; undefined of any other. */
  readonly parentOf: (source: string) => string | undefined;
  /** Only some codes or columns are listed: what the deliveries come to in all says nothing of them. */
  readonly isFiltered: boolean;
}

/** By source: what was kept out, by code, column and what was expected, with examples; then what to do. */
export function printRejects(listed: RejectsToPrint): void {
  const { groups, terminal, locale, parentOf, isFiltered } = listed;
  const { print, paint } = terminal;
  const bySource = Map.groupBy(groups, (group) => group.source);
  for (const [source, own] of bySource) {
    const deliveries = affected(own);
    const facts = isFiltered ? [] : factLines(deliveries, locale);
    print(isFiltered ? paint.strong(source) : `${paint.strong(source)}  ${facts[0] ?? ''}`);
    for (const line of facts.slice(1)) print(paint.faint(`  ${line}`));
    printGroups(own, listed);
    print();
    for (const line of nextSteps(source, parentOf(source))) print(paint.faint(line));
    if (source !== [...bySource.keys()].at(-1)) print();
  }
}

const affected = (groups: readonly RejectGroup[]): readonly AffectedDelivery[] => [
  ...new Map(
    groups.flatMap(({ deliveries }) => deliveries).map((each) => [each.id, each]),
  ).values(),
];

/** How many rows, of how many deliveries; and what is to be known of that number. */
function factLines(deliveries: readonly AffectedDelivery[], locale: string): readonly string[] {
  const count = countFormat(locale);
  const sum = (of: (delivery: AffectedDelivery) => number): number =>
    deliveries.reduce((all, delivery) => all + of(delivery), 0);
  const whole = deliveries.filter(({ state }) => state === 'rejected').length;
  const out = sum(({ state, read, rejected }) => (state === 'rejected' ? read : rejected));
  const wrong = sum(({ rejected }) => rejected);
  const kept = sum((delivery) => delivery.kept);
  const of = deliveries.length === 1 ? 'one delivery' : `${count(deliveries.length)} deliveries`;
  const refused =
    whole === 0
      ? ''
      : deliveries.length === 1
        ? ', which was refused whole'
        : `, ${count(whole)} of them refused whole`;
  return [
    `${countOf(out, 'rows', count)} kept out of ${of}${refused}`,
    ...(out === wrong ? [] : [`${countOf(wrong, 'rows', count)} of these broke the contract`]),
    ...(kept === wrong
      ? []
      : [`${count(kept)} are told apart here; the other ${count(wrong - kept)} were only counted`]),
    ...totalLines(deliveries, locale),
  ];
}

/** What the rows that were kept out hold of the control totals, exactly; of refused deliveries nobody added it up. */
function totalLines(deliveries: readonly AffectedDelivery[], locale: string): readonly string[] {
  const byColumn = Map.groupBy(
    deliveries.flatMap(({ totals }) => Object.entries(totals)),
    ([column]) => column,
  );
  const isAll = deliveries.every(({ state }) => state !== 'rejected');
  const rows = isAll ? 'these rows' : 'those of loaded deliveries';
  return [...byColumn].flatMap(([column, found]) => {
    const sum = addDecimals(found.map(([, { rejected }]) => rejected));
    const unreadable = found.reduce((cells, [, total]) => cells + total.unreadable, 0);
    const amount = amountText({ sum, unreadable }, locale);
    return amount === '' ? [] : [`${column} in ${rows}: ${amount}`];
  });
}

function addDecimals(texts: readonly string[]): string {
  const scale = Math.max(0, ...texts.map((text) => text.split('.')[1]?.length ?? 0));
  return unscaled(
    texts.reduce((sum, text) => sum + scaled(text, scale), 0n),
    scale,
  );
}

/** A line for each kind of fault, its columns aligned with those of the others, and its examples below. */
function printGroups(
  groups: readonly RejectGroup[],
  { terminal, locale, kindOf }: RejectsToPrint,
): void {
  const { print, paint } = terminal;
  const count = countFormat(locale);
  const lines = formatTable(
    [{ title: '', align: 'right', width: 7 }, { title: '' }, { title: '' }, { title: '' }],
    groups.map(({ rows, code, column, expected }): readonly Cell[] => [
      count(rows),
      { text: code, paint: paint.notice },
      column ?? '',
      { text: expected, paint: paint.faint },
    ]),
  );
  for (const [index, group] of groups.entries()) {
    print(lines[index]);
    for (const example of group.examples)
      print(`           ${exampleLine(example, group, kindOf(group.source))}`);
  }
}

function exampleLine(example: RejectExample, { column }: RejectGroup, kind: string): string {
  const { delivery, value } = example;
  const place = [delivery, ...placeOf(example, kind)].join(', ');
  // A fault of the row as a whole, such as a broken rule, is not that of a value.
  return value === null && column === null ? place : `${place}: ${shownValue(value)}`;
}

/** The cell of a workbook, or else the row, with the key of one that is nested in a record. */
function placeOf({ sheet, line, cell, key }: RejectExample, kind: string): readonly string[] {
  if (cell !== null) return [`${sheet ?? ''}, ${cell}`];
  const names = Object.entries(key ?? {}).map(([name, value]) => `${name} ${shownName(value)}`);
  return [...(line === null ? [] : [placeText(kind, { sheet, line })]), ...names];
}

function nextSteps(source: string, parent: string | undefined): readonly string[] {
  const command = ownCommand(process.env);
  const wrongContract = `  wrong in the contract?  correct sources/${parent ?? source}.ts, then ${command} replay ${source}`;
  if (parent !== undefined) {
    return [
      `  wrong in the data?      these rows come with the records of ${parent}: once they are right there, a run`,
      '                          that gets their records again loads them',
      wrongContract,
    ];
  }
  return [
    `  wrong in the file?      ${command} rejects ${source} --xlsx DIR`,
    '                          writes it back for its sender, its wrong cells marked',
    wrongContract,
  ];
}
