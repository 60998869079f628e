import type { Node } from 'libpg-query';

import { walkTree } from '../model/walk-tree.ts';
import { aggregatesIn } from './aggregates.ts';
import {
  columnRef,
  equal,
  fieldsOf,
  selectOf,
  starOf,
  subselect,
  target,
  tuple,
  wholeRow,
} from './nodes.ts';
import { knownPart, partOfOutput } from './part.ts';
import type { Part } from './part.ts';
import { replaceItem } from './replace-item.ts';
import { canonical, isGroup, itemOfColumn, lastName, readBlock } from './select-block.ts';
import type { Block, Item, Output } from './select-block.ts';
import { Untraceable } from './untraceable.ts';

/**
 * A relation of a from clause opened up to the rows of `clean` under it: put in its place, it has a
 * row for each of those, with the columns asked for.
 */
export interface RowSource {
  readonly node: Node;
  /** The clean view at the bottom. */
  readonly relation: string;
  /** Its row as one value, where the node stands. */
  readonly base: Node;
  /** Its columns, as targets of a select. */
  readonly star: Node;
  /** Several rows of it may stand for one row of the relation. */
  readonly grouped: boolean;
  /** Aggregated columns of the relation by name: what each row contributes to them. */
  readonly parts: ReadonlyMap<string, Part>;
}

/** What the query around a relation wants of it. */
export interface Request {
  /** Columns it reads, by name. */
  readonly needed: ReadonlySet<string>;
  /** Columns whose parts it wants. */
  readonly parts: ReadonlySet<string>;
}

/** Names beginning so are ours; nobody writes them. */
const baseColumn = '~base';
const partColumn = (name: string): string => `~${name}`;

/** Opens a relation up. Throws Untraceable. */
export function openItem(item: Item, request: Request): RowSource {
  const { alias, origin } = item;
  if (origin.kind === 'clean') {
    return {
      node: item.node,
      relation: origin.relation,
      base: wholeRow(alias, origin.relation),
      star: starOf(alias),
      grouped: false,
      parts: new Map(),
    };
  }
  if (origin.kind === 'other') throw new Untraceable(`${alias} is no model and no source`);
  const block = readBlock(origin.select, origin.scope);
  return block.grouped ? openGrouped(item, block, request) : openPlain(item, block, request);
}

/** A select without grouping passes rows on; what it joins to them stays. */
function openPlain(item: Item, block: Block, request: Request): RowSource {
  const { select, items, outputs } = block;
  if (select.limitCount !== undefined || select.limitOffset !== undefined) {
    throw new Untraceable(`${item.alias} keeps only some rows (limit)`);
  }
  const wanted = outputs.filter((output) => request.parts.has(output.name));
  const inner = chooseItem(block, wantedOf(block, request.parts));
  const innerGrouped = isGroupedItem(inner, namesIn(wanted));
  const kept = outputs.filter(
    ({ name }) => request.needed.has(name) || (!innerGrouped && request.parts.has(name)),
  );
  const source = openItem(inner, {
    needed: namesIn([select.fromClause, select.whereClause, kept]),
    parts: namesIn(wanted),
  });
  const parts = new Map<string, Part>();
  for (const { name, expression } of wanted) {
    const part = knownPart(expression, { items, item: inner, source });
    if (part !== undefined) parts.set(name, part);
  }
  const targets = kept.map(({ name, expression }) => target(expression, name));
  return assemble(item, block, { inner, source, targets, parts, grouped: source.grouped });
}

/** A grouping select is undone: a row for each row below, with the keys of its group. */
function openGrouped(item: Item, block: Block, request: Request): RowSource {
  const { select, items, outputs } = block;
  const wanted = outputs.filter((output) => request.parts.has(output.name));
  const calls = wanted.flatMap((output) => aggregatesIn(output.expression));
  const inner = chooseItem(
    block,
    calls.flatMap((call) => call.args ?? []),
  );
  const keys = outputs.filter((output) => aggregatesIn(output.expression).length === 0);
  const values = outputs.filter((output) => !keys.includes(output));
  const neededValues = values.filter((output) => request.needed.has(output.name));
  const someGroups = [select.havingClause, select.limitCount, select.limitOffset];
  const joined = neededValues.length > 0 || someGroups.some((clause) => clause !== undefined);
  const kept = keys.filter((output) => joined || request.needed.has(output.name));
  const wantedKeys = wanted.filter((output) => keys.includes(output));
  const innerParts = namesIn(calls.map((call) => call.args));
  const rowArguments = isGroupedItem(inner, innerParts)
    ? calls.map((call) => call.agg_filter)
    : calls;
  const source = openItem(inner, {
    needed: namesIn([select.fromClause, select.whereClause, kept, wantedKeys, rowArguments]),
    parts: innerParts,
  });
  const parts = new Map<string, Part>();
  for (const output of wanted) {
    const { name, expression } = output;
    const part: Part | undefined = keys.includes(output)
      ? { function: 'same', expression }
      : partOfOutput(expression, { items, item: inner, source });
    if (part !== undefined) parts.set(name, part);
  }
  const targets = kept.map(({ name, expression }) => target(expression, name));
  const rows = { inner, source, targets, parts, grouped: true };
  if (!joined) return assemble(item, block, rows);
  return joinGroups(item, block, {
    rows: assemble(withAlias(item, '~rows'), block, rows),
    kept,
    neededValues,
  });
}

interface Assembly {
  readonly inner: Item;
  readonly source: RowSource;
  readonly targets: readonly Node[];
  readonly parts: ReadonlyMap<string, Part>;
  readonly grouped: boolean;
}

function assemble(item: Item, block: Block, assembly: Assembly): RowSource {
  const { select } = block;
  const { inner, source, targets, parts, grouped } = assembly;
  const opened = selectOf({
    targets: [
      ...targets,
      ...Array.from(parts, ([name, part]) => target(part.expression, partColumn(name))),
      target(source.base, baseColumn),
    ],
    from: replaceItem(select.fromClause ?? [], inner, source.node),
    where: select.whereClause,
    with: select.withClause,
  });
  return {
    ...placed(item.alias, parts),
    node: subselect(opened, item.alias),
    relation: source.relation,
    grouped,
  };
}

function placed(
  alias: string,
  parts: ReadonlyMap<string, Part>,
): Pick<RowSource, 'base' | 'star' | 'parts'> {
  const base = columnRef(alias, baseColumn);
  const outside = Array.from(parts, ([name, part]): [string, Part] => [
    name,
    { ...part, expression: columnRef(alias, partColumn(name)) },
  ]);
  return { base, star: fieldsOf(base), parts: new Map(outside) };
}

/**
 * Joins the rows of each group to the relation's own row for it, where the query around reads an
 * aggregated value (`where revenue > 100`) or not all groups are in the relation (having, limit).
 */
function joinGroups(
  item: Item,
  block: Block,
  known: {
    readonly rows: RowSource;
    readonly kept: readonly Output[];
    readonly neededValues: readonly Output[];
  },
): RowSource {
  const { rows, kept, neededValues } = known;
  const keys = groupOutputs(block);
  if (keys === undefined) {
    throw new Untraceable(`${item.alias} does not give all columns it groups by`);
  }
  const groups = withAlias(item, '~groups');
  const side = (alias: string): Node => tuple(keys.map(({ name }) => columnRef(alias, name)));
  const always: Node = { A_Const: { boolval: { boolval: true } } };
  const join: Node = {
    JoinExpr: {
      jointype: 'JOIN_INNER',
      larg: rows.node,
      rarg: groups.node,
      quals: keys.length === 0 ? always : equal(side('~rows'), side('~groups')),
    },
  };
  const opened = selectOf({
    targets: [
      ...kept.map(({ name }) => target(columnRef('~rows', name), name)),
      ...neededValues.map(({ name }) => target(columnRef('~groups', name), name)),
      ...Array.from(rows.parts, ([name, part]) => target(part.expression, partColumn(name))),
      target(rows.base, baseColumn),
    ],
    from: [join],
  });
  return {
    ...rows,
    ...placed(item.alias, rows.parts),
    node: subselect(opened, item.alias),
  };
}

/** The outputs that are the expressions grouped by; undefined when one of these is no output. */
export function groupOutputs(block: Block): readonly Output[] | undefined {
  const keys = block.outputs.filter((output) => isGroup(output.expression, block));
  const given = new Set(keys.map((key) => canonical(key.expression, block.items)));
  const all = block.groups.every((group) => given.has(canonical(group, block.items)));
  return all ? keys : undefined;
}

function withAlias(item: Item, aliasname: string): Item {
  const node = structuredClone(item.node);
  if ('RangeVar' in node) node.RangeVar.alias = { aliasname };
  if ('RangeSubselect' in node) node.RangeSubselect.alias = { aliasname };
  return { ...item, node, alias: aliasname };
}

/**
 * The relation whose rows are followed: the one that the expressions read, else the first that
 * leads to `clean`. Throws Untraceable when none does.
 */
export function chooseItem(block: Block, expressions: readonly Node[]): Item {
  const read: Item[] = [];
  walkTree(expressions, (node) => {
    if (!('ColumnRef' in node)) return;
    const item = itemOfColumn(node.ColumnRef, block.items);
    if (item !== undefined) read.push(item);
  });
  const found = [...read, ...block.items].find((item) => leadsToClean(item));
  if (found === undefined) throw new Untraceable('it reads no rows of clean');
  return found;
}

function leadsToClean(item: Item): boolean {
  if (item.origin.kind !== 'query') return item.origin.kind === 'clean';
  const { select, scope } = item.origin;
  try {
    return readBlock(select, scope).items.some((each) => leadsToClean(each));
  } catch (error) {
    if (error instanceof Untraceable) return false;
    throw error;
  }
}

/**
 * Whether a row of the relation may stand for several below, when it is opened up for these parts:
 * they decide which of the relations under it is followed.
 */
export function isGroupedItem(item: Item, parts: ReadonlySet<string>): boolean {
  if (item.origin.kind !== 'query') return false;
  const block = readBlock(item.origin.select, item.origin.scope);
  if (block.grouped) return true;
  const wanted = wantedOf(block, parts);
  return isGroupedItem(chooseItem(block, wanted), namesIn(wanted));
}

function wantedOf(block: Block, parts: ReadonlySet<string>): readonly Node[] {
  return block.outputs
    .filter((output) => parts.has(output.name))
    .map((output) => output.expression);
}

/** Last names of all columns in some expressions: more than needed at worst. */
export function namesIn(expressions: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  walkTree(expressions, (node) => {
    if ('ColumnRef' in node) names.add(lastName(node.ColumnRef));
  });
  return names;
}
