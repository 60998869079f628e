import type { Column, Columns } from '../contract/column.ts';
import { compareDecimals } from '../contract/compare-decimals.ts';
import type { Contract } from '../contract/contract.ts';
import { foldLabel, labelsOf } from '../contract/match-header.ts';
import { createCellReader } from '../contract/read-cell.ts';
import { suggest } from '../contract/suggest.ts';
import { columnSchema, contractSchema } from './contract-schema.ts';
import { mistakesOf, showValue } from './mistakes.ts';
import type { MistakeInFile } from './mistakes.ts';

/** Names Postgres can hold; a leading `_` is for metadata columns. */
const columnName = /^[a-z][a-z0-9_]{0,62}$/;

/**
 * A table of Postgres has 1,600 columns at most (https://www.postgresql.org/docs/17/limits.html); six
 * are Plumbline's own, and tables that a load makes for itself have a few more.
 */
const columnsMax = 1590;

/** Everything in a contract that cannot hold, by place: `columns.amount.min`. `zone` is the company's. */
export function contractMistakes(contract: Contract, zone: string): readonly MistakeInFile[] {
  const columns: unknown = contract.columns;
  const shape = mistakesOf(contractSchema, { ...contract, columns: columns ?? {} });
  if (columns === null || typeof columns !== 'object' || Object.keys(columns).length === 0) {
    return [...shape, { place: 'columns', message: 'names no columns', expected: 'one at least' }];
  }
  const count = Object.keys(contract.columns).length;
  if (count > columnsMax) {
    const message = `names ${count} columns, and a table of Postgres holds 1,600 with those plumbline adds`;
    return [...shape, { place: 'columns', message, expected: `${columnsMax} at most` }];
  }
  const ofColumns = Object.entries(contract.columns).flatMap(([name, spec]) =>
    columnMistakes(name, spec, zone),
  );
  return [
    ...shape,
    ...ofColumns,
    // Labels are read by their types too.
    ...(ofColumns.length === 0 ? headerMistakes(contract.columns) : []),
    ...unknownColumns('key', contract.key, contract.columns),
    ...totalMistakes(contract),
    ...rangeMistakes('rows', contract.rows?.min, contract.rows?.max),
  ];
}

function columnMistakes(name: string, spec: Column, zone: string): readonly MistakeInFile[] {
  const place = `columns.${name}`;
  const named = columnName.test(name)
    ? []
    : [
        {
          place,
          message: `'${name}' cannot name a column`,
          expected: 'small letters, digits and _, a letter first, 63 at most',
        },
      ];
  const shape = mistakesOf(columnSchema, spec).map((mistake) => ({
    ...mistake,
    place: mistake.place === undefined ? place : `${place}.${mistake.place}`,
  }));
  // What follows reads the options by their types.
  if (shape.length > 0) return [...named, ...shape];
  return [...named, ...boundMistakes(place, spec), ...readerMistakes(place, spec, zone)];
}

function boundMistakes(place: string, spec: Column): readonly MistakeInFile[] {
  switch (spec.type) {
    case 'decimal':
      return spec.scale > spec.precision
        ? [
            {
              place,
              message: `decimal(${spec.precision}, ${spec.scale}) has more decimals than digits`,
              expected: `a scale of 0 to ${spec.precision}`,
            },
          ]
        : rangeMistakes(place, spec.min, spec.max);
    case 'text':
      return rangeMistakes(place, spec.minLength, spec.maxLength, ['minLength', 'maxLength']);
    case 'integer':
    case 'date':
    case 'timestamp':
    case 'time':
      return rangeMistakes(place, spec.min, spec.max);
    case 'boolean':
    case 'json':
    case 'one-of':
      return [];
  }
}

type Bound = number | bigint | string | undefined;

function rangeMistakes(
  place: string,
  min: Bound,
  max: Bound,
  names: readonly [string, string] = ['min', 'max'],
): readonly MistakeInFile[] {
  if (min === undefined || max === undefined || !isAfter(min, max)) return [];
  return [
    {
      place: `${place}.${names[0]}`,
      message: `${names[0]} ${min} is more than ${names[1]} ${max}`,
      value: showValue(min),
      expected: `at most ${max}`,
    },
  ];
}

/** Decimal text is compared by value; ISO dates and times by their text, which is the same order. */
function isAfter(min: NonNullable<Bound>, max: NonNullable<Bound>): boolean {
  const plain = /^[+-]?\d+(?:\.\d+)?$/;
  const [a, b] = [String(min), String(max)];
  return plain.test(a) && plain.test(b) ? compareDecimals(a, b) > 0 : min > max;
}

/** Formats and zones are understood by the reader alone: making one finds what is wrong with them. */
function readerMistakes(place: string, spec: Column, zone: string): readonly MistakeInFile[] {
  try {
    createCellReader(spec, zone);
    return [];
  } catch (error) {
    return [{ place, message: error instanceof Error ? error.message : String(error) }];
  }
}

/** One label cannot be two columns. */
function headerMistakes(columns: Columns): readonly MistakeInFile[] {
  const owners = new Map<string, string>();
  return Object.entries(columns).flatMap(([name, spec]) =>
    [...new Set(labelsOf(name, spec.header).map((label) => foldLabel(label)))].flatMap((label) => {
      const owner = owners.get(label);
      if (owner === undefined) {
        owners.set(label, name);
        return [];
      }
      return [
        {
          place: `columns.${name}.header`,
          message: `the label '${label}' is also that of column ${owner}`,
          expected: 'a label of its own for each column',
        },
      ];
    }),
  );
}

function unknownColumns(
  place: string,
  names: readonly string[] | undefined,
  columns: Columns,
): readonly MistakeInFile[] {
  if (!Array.isArray(names)) return [];
  return names.flatMap((name: string) => {
    if (Object.hasOwn(columns, name)) return [];
    const suggestion = suggest(name, Object.keys(columns));
    return [
      {
        place,
        message: `'${name}' is no column of the contract`,
        value: showValue(name),
        expected: `one of ${Object.keys(columns).join(', ')}`,
        ...(suggestion === undefined ? {} : { suggestion }),
      },
    ];
  });
}

/** Amounts are the decimal columns of `controlTotals`; without any the tolerance would never apply. */
function toleranceMistakes({
  columns,
  controlTotals,
  rejected,
}: Contract): readonly MistakeInFile[] {
  if (rejected?.money === undefined) return [];
  const names: readonly string[] = Array.isArray(controlTotals) ? controlTotals : [];
  if (names.some((name) => Object.hasOwn(columns, name) && columns[name]?.type === 'decimal'))
    return [];
  return [
    {
      place: 'rejected.money',
      message: 'no decimal column is among controlTotals, so no amount is looked at',
      value: showValue(rejected.money),
      expected: 'a decimal column in controlTotals',
    },
  ];
}

function repeatMistakes({ key, repeatedRows }: Contract): readonly MistakeInFile[] {
  if (repeatedRows === undefined || key === undefined) return [];
  return [
    {
      place: 'repeatedRows',
      message: 'it is for sources without a key; with one, equal rows are left out and counted',
      value: showValue(repeatedRows),
      expected: "sameKey: 'reject' or 'last-wins', for rows with one key and other content",
    },
  ];
}

function totalMistakes(contract: Contract): readonly MistakeInFile[] {
  const { columns, controlTotals } = contract;
  const unknown = unknownColumns('controlTotals', controlTotals, columns);
  const numeric = ['integer', 'decimal'];
  const wrong = (Array.isArray(controlTotals) ? controlTotals : []).flatMap((name: string) => {
    const type = Object.hasOwn(columns, name) ? columns[name]?.type : undefined;
    if (type === undefined || numeric.includes(type)) return [];
    return [
      {
        place: 'controlTotals',
        message: `column ${name} is ${type}, which has no sum`,
        value: showValue(name),
        expected: 'an integer or decimal column',
      },
    ];
  });
  return [...unknown, ...wrong, ...toleranceMistakes(contract), ...repeatMistakes(contract)];
}
