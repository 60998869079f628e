import type { Node, SelectStmt } from 'libpg-query';

import type { Model } from '../model/model.ts';
import { SqlSyntaxError, parseStatements } from '../model/parse-sql.ts';
import { aggregatesIn } from './aggregates.ts';
import { measureOf } from './measure.ts';
import {
  all,
  columnRef,
  countStar,
  inSelect,
  notDistinct,
  parameter,
  selectOf,
  starOf,
  subselect,
  target,
  tuple,
} from './nodes.ts';
import { ignoresRepeats } from './part.ts';
import { replaceItem } from './replace-item.ts';
import { chooseItem, groupOutputs, isGroupedItem, namesIn, openItem } from './row-source.ts';
import type { RowSource } from './row-source.ts';
import { canonical, readBlock } from './select-block.ts';
import type { Block, Item, Output, Scope } from './select-block.ts';
import { toSql } from './to-sql.ts';
import type { BoundQuery } from './to-sql.ts';
import { Untraceable } from './untraceable.ts';

export type { BoundQuery } from './to-sql.ts';

export interface TracedQuery extends BoundQuery {
  readonly models: readonly Pick<Model, 'name' | 'sql'>[];
  /** The contract's columns of each clean view: `clean.orders` to `['id', 'amount']`. */
  readonly cleanRelations: ReadonlyMap<string, readonly string[]>;
  /** What was clicked: values of columns that the query does not aggregate, as Postgres writes them. */
  readonly datum?: Readonly<Record<string, string | null>>;
  /** The column of the number; default the first one that is aggregated. */
  readonly value?: string;
}

/** The rows of `clean` under a number. */
export interface Trace {
  readonly traceable: true;
  /** `clean.partner_orders` */
  readonly relation: string;
  /**
   * The rows in the order of batch and row, with all columns of the clean view and then the value each
   * contributes, `_value`. A row that counts twice, because a join repeats it, is there twice. Add
   * `limit` and `offset` for pages.
   */
  readonly rows: BoundQuery;
  /** One row, one column `count`. */
  readonly count: BoundQuery;
  /** Undefined when the number is not computed from single rows by an aggregate that can be followed. */
  readonly measure: Measure | undefined;
}

export interface Measure {
  /** The query's column that holds the number. */
  readonly column: string;
  /**
   * One row, one column `total`: the number computed from the rows alone. Without a datum, and with
   * several groups, it is that of all of them.
   */
  readonly total: BoundQuery;
  /** Columns of `rows` it is computed from. */
  readonly valueColumns: readonly string[];
}

export interface NotTraceable {
  readonly traceable: false;
  /** What stands in the way, to follow "Cannot be followed to its rows: ". */
  readonly reason: string;
}

/**
 * Rewrites a query into the ones for the rows of `clean` under its result (why-provenance, as in
 * Perm, https://doi.org/10.1109/ICDE.2009.15): grouping is undone at every level from the query
 * through the models it reads, filters are kept, and the clicked values become conditions. Pure;
 * Postgres's own parser reads the SQL.
 */
export function traceQuery(query: TracedQuery): Trace | NotTraceable {
  try {
    return trace(query);
  } catch (error) {
    if (error instanceof Untraceable) return { traceable: false, reason: error.message };
    if (error instanceof SqlSyntaxError) return { traceable: false, reason: error.message };
    throw error;
  }
}

function trace(query: TracedQuery): Trace {
  const select = selectIn(query.text);
  const block = readBlock(select, scopeOf(query));
  const values = [...query.values];
  const pins = pinsOf(block, query.datum ?? {}, values);
  const measured = measuredOutput(block, query.value);
  const calls = aggregatesIn(measured?.expression);
  const followed = calls.flatMap((each) => each.args ?? []);
  const bare = calls.length === 0 && !block.grouped && measured !== undefined;
  const item = chooseItem(block, bare ? [measured.expression] : followed);
  const parts = namesIn(bare ? [measured.expression] : followed);
  const grouped = isGroupedItem(item, parts);
  const extent = extentOf({ block, item, grouped, pins });
  const source = openItem(item, {
    needed: namesIn([
      select.fromClause,
      select.whereClause,
      pins.map((pin) => pin.condition),
      extent.condition === undefined ? [] : extent.keys,
      extent.keptOrder,
      grouped ? calls.map((each) => (ignoresRepeats(each) ? each : each.agg_filter)) : calls,
    ]),
    parts,
  });
  const measure =
    measured === undefined
      ? undefined
      : measureOf(measured, { block, context: { items: block.items, item, source } });
  const rows = rowsSelect({ block, item, source, extent, pins, measure });
  return {
    traceable: true,
    relation: source.relation,
    rows: toSql(ordered(rows), values),
    count: toSql(over(rows, target(countStar, 'count')), values),
    measure:
      measured === undefined || measure === undefined
        ? undefined
        : {
            column: measured.name,
            total: toSql(over(rows, target(measure.total, 'total')), values),
            valueColumns: measure.values.map((value) => value.name),
          },
  };
}

function selectIn(text: string): SelectStmt {
  const [statement, second] = parseStatements(text);
  if (statement === undefined || second !== undefined || !('SelectStmt' in statement.node)) {
    throw new Untraceable('it is not exactly one select');
  }
  return statement.node.SelectStmt;
}

const metadata = ['_batch_id', '_row_number', '_flags', '_loaded_at'];

function scopeOf({ models, cleanRelations }: TracedQuery): Scope {
  return {
    models: new Map(models.map(({ name, sql }) => [name, selectIn(sql)])),
    clean: new Map(
      Array.from(cleanRelations, ([name, columns]) => [
        name,
        [...new Set([...columns, ...metadata])],
      ]),
    ),
    expressions: new Map(),
  };
}

interface Pin {
  readonly output: Output;
  readonly condition: Node;
}

/** Conditions for what was clicked; the values join the query's parameters. */
function pinsOf(
  block: Block,
  datum: Readonly<Record<string, string | null>>,
  values: (string | null)[],
): readonly Pin[] {
  return Object.entries(datum).flatMap(([column, value]) => {
    const output = block.outputs.find((each) => each.name === column);
    if (output === undefined) throw new Untraceable(`it has no column ${column}`);
    // The clicked number itself says nothing about which rows are under it.
    if (aggregatesIn(output.expression).length > 0) return [];
    values.push(value);
    return [{ output, condition: notDistinct(output.expression, parameter(values.length)) }];
  });
}

function measuredOutput(block: Block, value: string | undefined): Output | undefined {
  if (value !== undefined) return block.outputs.find((output) => output.name === value);
  return (
    block.outputs.find((output) => aggregatesIn(output.expression).length > 0) ??
    (block.grouped ? undefined : block.outputs.at(-1))
  );
}

/** Which of the query's groups or rows are meant, where its SQL leaves some out after grouping. */
interface Extent {
  readonly condition: Node | undefined;
  readonly keys: readonly Node[];
  /** A limit over rows, not groups, is kept as it is. */
  readonly keptOrder: Pick<SelectStmt, 'sortClause' | 'limitCount' | 'limitOffset' | 'limitOption'>;
}

function extentOf(known: {
  readonly block: Block;
  readonly item: Item;
  readonly grouped: boolean;
  readonly pins: readonly Pin[];
}): Extent {
  const { block, item, grouped, pins } = known;
  const { select } = block;
  const limited = select.limitCount !== undefined || select.limitOffset !== undefined;
  const whole: Extent = { condition: undefined, keys: [], keptOrder: {} };
  if (!limited && select.havingClause === undefined) return whole;
  const groupsRows = block.grouped || grouped;
  if (!groupsRows) return pins.length > 0 ? whole : { ...whole, keptOrder: orderOf(block) };
  const keys = block.grouped ? groupOutputs(block) : keysOfItem(block, item);
  const pinned = new Set(pins.map((pin) => pin.output));
  if (keys?.every((key) => pinned.has(key)) === true && (keys.length > 0 || !limited)) {
    if (keys.length > 0) return whole;
  }
  // A total without groups is one row: a limit takes nothing from it.
  if (block.grouped && block.groups.length === 0 && select.havingClause === undefined) return whole;
  if (keys === undefined || keys.length === 0) {
    throw new Untraceable('it keeps only some groups, and does not show what it groups by');
  }
  const names = keys.map((key) => key.name);
  const shown = selectOf({
    targets: [target(tuple(names.map((name) => columnRef('~shown', name))))],
    from: [subselect(select, '~shown')],
  });
  const expressions = keys.map((key) => key.expression);
  return { ...whole, keys: expressions, condition: inSelect(tuple(expressions), shown) };
}

/** The outputs that are the keys of a grouping model; undefined when one of those is not shown. */
function keysOfItem(block: Block, item: Item): readonly Output[] | undefined {
  if (item.origin.kind !== 'query') return undefined;
  const keys = groupOutputs(readBlock(item.origin.select, item.origin.scope));
  const shown = keys?.map((key) => {
    const wanted = canonical(columnRef(item.alias, key.name), block.items);
    return block.outputs.find((each) => canonical(each.expression, block.items) === wanted);
  });
  return shown?.every((output) => output !== undefined) === true ? shown : undefined;
}

/** Order and limit of a query over rows, with outputs named in it put out in full. */
function orderOf({ select, outputs }: Block): Extent['keptOrder'] {
  const sortClause = (select.sortClause ?? []).map((node): Node => {
    if (!('SortBy' in node)) return node;
    const sorted = node.SortBy.node;
    const output =
      sorted === undefined
        ? undefined
        : outputs.find((each, index) => isOutput(sorted, each, index));
    return output === undefined ? node : { SortBy: { ...node.SortBy, node: output.expression } };
  });
  const { limitCount, limitOffset, limitOption } = select;
  return {
    ...(sortClause.length === 0 ? {} : { sortClause }),
    ...(limitCount === undefined ? {} : { limitCount }),
    ...(limitOffset === undefined ? {} : { limitOffset }),
    ...(limitOption === undefined ? {} : { limitOption }),
  };
}

/** In `order by` an ordinal or the bare name of an output means that output. */
function isOutput(node: Node, output: Output, index: number): boolean {
  if ('A_Const' in node) return node.A_Const.ival?.ival === index + 1;
  if (!('ColumnRef' in node)) return false;
  const [field, second] = node.ColumnRef.fields ?? [];
  const name = field !== undefined && 'String' in field ? field.String.sval : undefined;
  return second === undefined && name === output.name;
}

function rowsSelect(known: {
  readonly block: Block;
  readonly item: Item;
  readonly source: RowSource;
  readonly extent: Extent;
  readonly pins: readonly Pin[];
  readonly measure: ReturnType<typeof measureOf>;
}): SelectStmt {
  const { block, item, source, extent, pins, measure } = known;
  const { select } = block;
  const conditions = [
    select.whereClause,
    ...pins.map((pin) => pin.condition),
    extent.condition,
    measure?.condition,
  ];
  const rows = selectOf({
    targets: [
      target(source.star),
      ...(measure?.values ?? []).map((value) => target(value.expression, value.name)),
    ],
    from: replaceItem(select.fromClause ?? [], item, source.node),
    where: all(conditions),
    with: select.withClause,
  });
  return { ...rows, ...extent.keptOrder };
}

/** `select … from (rows) as "~rows"` */
function over(rows: SelectStmt, wanted: Node): SelectStmt {
  return selectOf({ targets: [wanted], from: [subselect(rows, '~rows')] });
}

function ordered(rows: SelectStmt): SelectStmt {
  const by = (name: string): Node => ({
    SortBy: {
      node: columnRef('~rows', name),
      sortby_dir: 'SORTBY_DEFAULT',
      sortby_nulls: 'SORTBY_NULLS_DEFAULT',
    },
  });
  return {
    ...over(rows, target(starOf('~rows'))),
    sortClause: [by('_batch_id'), by('_row_number')],
  };
}
