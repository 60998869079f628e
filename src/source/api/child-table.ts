import { type Column, column, type Columns } from '../../contract/column.ts';
import type { Contract } from '../../contract/contract.ts';
import { suggest } from '../../contract/suggest.ts';
import { checkNames, invalidOption } from '../check-options.ts';
import { contractOf } from '../contract-of.ts';
import { describeReading } from '../describe-reading.ts';
import type { ChildTable } from '../source.ts';
import { type ApiField, apiFields, pathsOf } from './api-fields.ts';
import { type NestedFields, readNested } from './read-nested.ts';

/** A table of the records in an array of each record: the lines of an order. `P` are the columns of the source. */
export interface ChildOptions<P extends string = string> extends Pick<
  Contract,
  'columns' | 'sameKey' | 'rules' | 'controlTotals' | 'rejected' | 'rows'
> {
  /** Path of the array in the record, e.g. `'lines'` or `'basket.items'`. */
  readonly path: string;
  /**
   * Columns added in front that hold the key of the record around, each with the column of the source
   * it is: `{ order_id: 'id' }`. All columns of the source's key must be among them.
   */
  readonly parent: Readonly<Record<string, P>>;
  /** What tells the rows of one record apart. Default: their position in the array. */
  readonly key?: readonly string[];
  /** The name of a column added for the position in the array, from 1. Without `key`: `'position'`. */
  readonly position?: string;
}

const names = [
  'path',
  'parent',
  'key',
  'position',
  'columns',
  'sameKey',
  'rules',
  'controlTotals',
  'rejected',
  'rows',
];

interface ParentOptions {
  readonly columns: Columns;
  readonly key: readonly string[] | undefined;
  readonly mayLack: boolean;
  /** Fields that no column stands for are refused. */
  readonly strict: boolean;
}

/** A child table and what decides its rows, to tell whether it must be read again. */
export interface BuiltChild {
  readonly table: ChildTable;
  readonly reading: string;
}

/** Throws `project-invalid` for options that can never work. */
export function buildChild(name: string, options: ChildOptions, around: ParentOptions): BuiltChild {
  checkChild(name, options, around);
  const link = Object.entries(options.parent);
  const position = options.position ?? (options.key === undefined ? 'position' : undefined);
  const columns: Record<string, Column> = {
    ...Object.fromEntries(link.map(([own, parent]) => [own, linkColumn(around, parent)])),
    ...(position !== undefined && { [position]: column.integer({ required: true }) }),
    ...options.columns,
  };
  const linked = Object.keys(options.parent);
  const within = (options.key ?? [position ?? '']).filter((each) => !linked.includes(each));
  const contract = contractOf({ ...options, columns, key: [...linked, ...within] });
  const fields: NestedFields = {
    name,
    path: options.path,
    parent: link.map(([own, parent]) => linkField(own, parent, around)),
    position,
    own: apiFields(options.columns, {
      transformed: false,
      extra: [],
      mayLack: around.mayLack,
    }),
    mayLack: around.mayLack,
    strict: around.strict,
  };
  return {
    table: {
      contract,
      parentKey: Object.fromEntries(link.filter(([, parent]) => around.key?.includes(parent))),
      description: `${name} at ${options.path}`,
      read: async (landed, context, fateOf) =>
        readNested({ landed, nested: fields, fateOf, signal: context.signal }),
    },
    // To refuse fields decides whether there are rows, not which.
    reading: describeReading(contract, { ...fields, strict: undefined }),
  };
}

/** The column that holds a value of the record around: it is read as it is there. */
function linkColumn({ columns }: ParentOptions, parent: string): Column {
  const { header: _, ...spec } = columns[parent] ?? column.text();
  return { ...spec, required: true };
}

function linkField(own: string, parent: string, { columns }: ParentOptions): ApiField {
  const spec = columns[parent] ?? column.text();
  const paths = pathsOf(parent, spec);
  return { label: own, paths, json: spec.type === 'json', expected: false };
}

function checkChild(
  name: string,
  options: ChildOptions,
  { columns, key = [] }: ParentOptions,
): void {
  const builder = `api() children.${name}`;
  const fail = (problem: string): Error => invalidOption(builder, problem);
  if (!/^[a-z][a-z0-9_]{0,30}$/u.test(name)) {
    throw fail(
      `'${name}' cannot name a table; expected small letters, digits and _, a letter first.`,
    );
  }
  checkNames(builder, options, names);
  if (typeof options.path !== 'string' || options.path === '') {
    throw fail("path is missing; expected the path of an array in each record, such as 'lines'.");
  }
  if (key.length === 0) {
    throw fail(
      'the source has no key; expected one, by which rows find the record they belong to.',
    );
  }
  const link = Object.entries(options.parent ?? {});
  for (const [own, parent] of link) {
    if (Object.hasOwn(columns, parent)) continue;
    const meant = suggest(parent, Object.keys(columns));
    throw fail(
      `parent.${own} is '${parent}', which is no column of the source${meant === undefined ? '.' : `; did you mean '${meant}'?`}`,
    );
  }
  const lacking = key.filter((each) => !link.some(([, parent]) => parent === each));
  if (lacking.length > 0) {
    const example = lacking.map((each) => `parent_${each}: '${each}'`).join(', ');
    throw fail(
      `parent lacks ${lacking.join(', ')} of the source's key; expected a column for each, such as parent: { ${example} }.`,
    );
  }
  checkColumns(options, fail);
}

/** The rest of the contract is looked at with that of every other source, when the project is read. */
function checkColumns(options: ChildOptions, fail: (problem: string) => Error): void {
  const added = [...Object.keys(options.parent), options.position ?? ''];
  const twice = added.find((each) => Object.hasOwn(options.columns ?? {}, each));
  if (twice !== undefined) {
    throw fail(`columns.${twice} is added by \`parent\` or \`position\` already; leave it out.`);
  }
  if (options.key === undefined && Object.hasOwn(options.columns ?? {}, 'position')) {
    if (options.position === undefined) {
      throw fail(
        "columns.position has the name of the column that is added for the place in the array; give that another with position: 'line_no', or say what the key is.",
      );
    }
  }
}
