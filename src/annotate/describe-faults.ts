import type { Contract } from '../contract/contract.ts';
import { describeColumn } from '../contract/describe-column.ts';
import { labelsOf } from '../contract/match-header.ts';
import { listedMax, type SenderNotes } from './notes-sheet.ts';
import {
  type DeliveredColumns,
  type KeptReject,
  type PlacedFault,
  placeText,
} from './place-faults.ts';
import type { RejectedDelivery } from './read-delivery.ts';
import { sharedBeginning } from './shared-beginning.ts';

/** A rejected row with its faults placed. */
export interface PlacedReject {
  readonly reject: KeptReject;
  readonly faults: readonly PlacedFault[];
}

export interface FaultsToDescribe {
  readonly delivery: RejectedDelivery;
  /** Of the source: what a place is called depends on it. */
  readonly kind: string;
  readonly contract: Contract;
  readonly columns: DeliveredColumns;
  readonly rejects: readonly PlacedReject[];
  /** Where the cell of a fault is in the workbook that is written; undefined when it is not in it. */
  readonly cellOf: (
    reject: KeptReject,
    cell: number,
  ) => { sheet: string; cell: string } | undefined;
  /** Writes an instant as the company's people read it. */
  readonly moment: (instant: string) => string;
  /** What the sender is asked to do. */
  readonly advice: readonly string[];
  /** Further facts, such as that not every row could be marked. */
  readonly remarks: readonly string[];
}

/** What the sheet for the sender says of a delivery. */
export function describeFaults(described: FaultsToDescribe): SenderNotes {
  const { delivery, kind, contract, columns, rejects, moment } = described;
  const faults = rejects.flatMap(({ reject, faults: placed }) =>
    placed.map((each) => ({ ...each, reject })),
  );
  const rows = delivery.rejected;
  return {
    title: `${delivery.name}: ${rows} ${rows === 1 ? 'row was' : 'rows were'} not taken`,
    advice: described.advice,
    facts: [
      ['File', delivery.name],
      ['Arrived', moment(delivery.landedAt)],
      ['Source', delivery.source],
      ['Rows read', String(delivery.read)],
      ['Rows not taken', String(rows)],
      [
        'The others',
        delivery.error === null
          ? 'were loaded'
          : `were not loaded either: the file was refused as a whole. ${delivery.error}`,
      ],
      ...described.remarks.map((remark) => ['Note', remark] as const),
    ],
    groups: groupsOf(faults, columns),
    faults: faults.slice(0, listedMax).map(({ fault, cell, isCell, reject }) => {
      const target = described.cellOf(reject, cell);
      return {
        target,
        place:
          target !== undefined && target.sheet === reject.sheet
            ? `${target.sheet}, ${target.cell}`
            : placeText(kind, reject),
        code: fault.code,
        column: labelOf(columns, { cell, isCell, column: fault.column }),
        found: fault.value ?? '',
        expected: fault.expected,
      };
    }),
    more:
      faults.length > listedMax
        ? `The first ${listedMax} of ${faults.length} are listed; all of these are coloured.`
        : undefined,
    columns: Object.entries(contract.columns).map(([name, spec]) => {
      const cell = columns.cellOf(name);
      return {
        label:
          (cell === undefined ? undefined : columns.labels[cell]) ??
          labelsOf(name, spec.header)[0] ??
          name,
        expected: describeColumn(spec, contract.key?.includes(name) === true),
      };
    }),
  };
}

function groupsOf(
  faults: readonly PlacedFault[],
  columns: DeliveredColumns,
): SenderNotes['groups'] {
  const groups = new Map<
    string,
    { rows: number; code: string; column: string; expected: string }
  >();
  for (const { fault, cell, isCell } of faults) {
    const column = labelOf(columns, { cell, isCell, column: fault.column });
    const key = `${fault.code}\n${column}`;
    const group = groups.get(key) ?? {
      rows: 0,
      code: fault.code,
      column,
      expected: fault.expected,
    };
    group.rows += 1;
    group.expected = sharedBeginning(group.expected, fault.expected);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.rows - a.rows);
}

const labelOf = (
  columns: DeliveredColumns,
  { cell, isCell, column }: { cell: number; isCell: boolean; column: string | null },
): string => (isCell ? (columns.labels[cell] ?? 'beyond the last column') : (column ?? 'the row'));
