import { placeText } from '../annotate/place-faults.ts';
import { compareDecimals, scaled, unscaled } from '../contract/compare-decimals.ts';
import { ownCommand } from './own-command.ts';
import type { AffectedDelivery, RejectExample, RejectGroup } from './read-rejects.ts';
import type { Terminal } from './terminal.ts';

export interface RejectsToPrint {
  readonly groups: readonly RejectGroup[];
  readonly terminal: Terminal;
  readonly count: (value: number) => string;
  /** The kind of a source: what a place in it is called depends on it. */
  readonly kindOf: (source: string) => string;
  /** The name of the file a source is in: a child table is in that of its source. */
  readonly fileOf: (source: string) => string;
  /** Only some codes or columns are listed: what the deliveries come to in all says nothing of them. */
  readonly isFiltered: boolean;
}

/** By source: what was kept out, by code, column and what was expected, with examples; then what to do. */
export function printRejects({
  groups,
  terminal,
  count,
  kindOf,
  fileOf,
  isFiltered,
}: RejectsToPrint): void {
  const { print, paint } = terminal;
  const bySource = Map.groupBy(groups, (group) => group.source);
  for (const [source, own] of bySource) {
    const deliveries = affected(own);
    if (isFiltered) print(paint.strong(source));
    else {
      print(`${paint.strong(source)}  ${summary(deliveries, count)}`);
      for (const line of totalLines(deliveries)) print(paint.faint(`  ${line}`));
    }
    for (const group of own) {
      const column = group.column === null ? '' : ` ${group.column}`;
      print(
        `  ${count(group.rows).padStart(7)}  ${paint.notice(group.code)}${column}  ${paint.faint(group.expected)}`,
      );
      for (const example of group.examples)
        print(`           ${exampleLine(example, group, kindOf(source))}`);
    }
    print();
    for (const line of nextSteps(source, {
      file: fileOf(source),
      command: ownCommand(process.env),
    }))
      print(paint.faint(line));
    if (source !== [...bySource.keys()].at(-1)) print();
  }
}

const affected = (groups: readonly RejectGroup[]): readonly AffectedDelivery[] => [
  ...new Map(
    groups.flatMap(({ deliveries }) => deliveries).map((each) => [each.id, each]),
  ).values(),
];

function summary(
  deliveries: readonly AffectedDelivery[],
  count: (value: number) => string,
): string {
  const rows = deliveries.reduce((sum, { rejected }) => sum + rejected, 0);
  const whole = deliveries.filter(({ state }) => state === 'rejected').length;
  const refused = whole === 0 ? '' : `, ${whole} of them refused whole`;
  return `${count(rows)} ${rows === 1 ? 'row' : 'rows'} kept out of ${deliveries.length === 1 ? 'one delivery' : `${count(deliveries.length)} deliveries`}${refused}`;
}

/** What the rows that were kept out hold of the control totals, exactly; of refused deliveries it is not known. */
function totalLines(deliveries: readonly AffectedDelivery[]): readonly string[] {
  const byColumn = Map.groupBy(
    deliveries.flatMap(({ totals }) => Object.entries(totals)),
    ([column]) => column,
  );
  return [...byColumn].flatMap(([column, found]) => {
    const sum = addDecimals(found.map(([, { rejected }]) => rejected));
    const unreadable = found.reduce((cells, [, total]) => cells + total.unreadable, 0);
    if (compareDecimals(sum, '0') === 0 && unreadable === 0) return [];
    const unread =
      unreadable === 0
        ? ''
        : `, without ${unreadable} ${unreadable === 1 ? 'cell that is no number' : 'cells that are no numbers'}`;
    return [`${column} in these rows: ${sum}${unread}`];
  });
}

function addDecimals(texts: readonly string[]): string {
  const scale = Math.max(0, ...texts.map((text) => text.split('.')[1]?.length ?? 0));
  return unscaled(
    texts.reduce((sum, text) => sum + scaled(text, scale), 0n),
    scale,
  );
}

function exampleLine(
  { delivery, sheet, line, cell, value }: RejectExample,
  { column }: RejectGroup,
  kind: string,
): string {
  const place =
    cell === null
      ? line === null
        ? ''
        : `, ${placeText(kind, { sheet, line })}`
      : `, ${sheet}, ${cell}`;
  // A fault of the row as a whole, such as a broken rule, is not that of a value.
  if (value === null && column === null) return `${delivery}${place}`;
  return `${delivery}${place}: ${value === null ? 'empty' : JSON.stringify(value)}`;
}

const nextSteps = (
  source: string,
  { file, command }: { readonly file: string; readonly command: string },
): readonly string[] => [
  `  wrong in the file?      ${command} rejects ${source} --xlsx DIR   writes it back for its sender, its wrong cells marked`,
  `  wrong in the contract?  correct sources/${file}.ts, then ${command} replay ${source}`,
];
