import type { Tile } from '../dashboard/definition.ts';
import { filterParameters } from '../dashboard/filters.ts';
import { relationOfSource } from '../dashboard/lineage.ts';
import { bindParameters } from '../dashboard/parameters.ts';
import type { QueryResult, Snapshot } from '../dashboard/query.ts';
import type { TileContext } from '../dashboard/tile-context.ts';
import { locateRows } from '../trace/locate-rows.ts';
import type { RowLocation } from '../trace/locate-rows.ts';
import { traceQuery } from '../trace/trace-query.ts';
import type { Trace } from '../trace/trace-query.ts';
import type { Datum } from './trace-address.ts';
import type { WebProject } from './web-project.ts';

/** The rows under a number, a page of them, and whether they make the number. */
export interface TracedRows {
  readonly relation: string;
  /** Decimal text. */
  readonly count: string;
  /** The number as the tile shows it and as the rows make it; undefined when single rows do not make it. */
  readonly number:
    | {
        /** The column of the tile's query that is the number. */
        readonly column: string;
        readonly shown: string | null;
        readonly total: string | null;
        readonly agrees: boolean;
      }
    | undefined;
  readonly rows: QueryResult;
  /** Columns of `rows` the number is computed from. */
  readonly valueColumns: readonly string[];
  /** Where the i-th row stands; undefined for a row that is nowhere. */
  readonly places: readonly (RowLocation | undefined)[];
  readonly more: boolean;
}

export interface TraceOptions extends TileContext {
  readonly project: WebProject;
  readonly tile: Tile;
  readonly datum: Datum;
  /** From 1. */
  readonly page: number;
  readonly rowsOnPage: number;
}

/** Follows a number to its rows; a text instead says why that cannot be done. Throws as `query` does. */
export async function readTrace(options: TraceOptions): Promise<TracedRows | string> {
  const { project, tile, datum, snapshot, filters, page, rowsOnPage } = options;
  const value = valueColumn(tile);
  const trace = traceQuery({
    ...bindParameters(tile.sql, filterParameters(filters)),
    models: project.models,
    cleanRelations: new Map(
      [...project.sources].map(([name, source]) => [
        relationOfSource(name),
        Object.keys(source.contract.columns),
      ]),
    ),
    datum,
    ...(value === undefined ? {} : { value }),
  });
  if (!trace.traceable) return trace.reason;
  const counted = await snapshot.system(trace.count.text, trace.count.values);
  const found = await snapshot.system(
    `${trace.rows.text} limit ${rowsOnPage + 1} offset ${(page - 1) * rowsOnPage}`,
    trace.rows.values,
  );
  const rows = { ...found, rows: found.rows.slice(0, rowsOnPage) };
  return {
    relation: trace.relation,
    count: counted.rows[0]?.[0] ?? '0',
    number: await compareNumber(trace, options),
    rows,
    valueColumns: trace.measure?.valueColumns ?? [],
    places: await placesOf(rows, snapshot),
    more: found.rows.length > rowsOnPage,
  };
}

/** The column of a tile's query that holds its number; undefined leaves it to the query. */
function valueColumn(tile: Tile): string | undefined {
  switch (tile.kind) {
    case 'kpi':
    case 'top':
      return tile.value;
    case 'line':
      return typeof tile.y === 'string' ? tile.y : tile.y[0];
    case 'bar':
      return tile.y;
    case 'table':
      // Of several numbers in a row, the one in money is what people ask about.
      return Object.entries(tile.columns ?? {}).find(([, { format }]) => format === 'money')?.[0];
  }
}

async function compareNumber(trace: Trace, options: TraceOptions): Promise<TracedRows['number']> {
  const { measure } = trace;
  if (measure === undefined) return undefined;
  const shown = await shownNumber(measure.column, options);
  if (shown === undefined) return undefined;
  const { rows } = await options.snapshot.system(measure.total.text, measure.total.values);
  const total = rows[0]?.[0] ?? null;
  // 12.5 and 12.50 are one number: Postgres compares them, not their texts.
  const compared = await options.snapshot.system(
    'select ($1::numeric is not distinct from $2::numeric)::text',
    [shown, total],
  );
  return { column: measure.column, shown, total, agrees: compared.rows[0]?.[0] === 'true' };
}

/** The number in the row of the tile's result that was clicked; undefined when it is not there any more. */
async function shownNumber(
  column: string,
  { tile, datum, snapshot, filters }: TraceOptions,
): Promise<string | null | undefined> {
  const result = await snapshot.query(tile.sql, filterParameters(filters), { rowsMax: 100_000 });
  const index = result.columns.findIndex((one) => one.name === column);
  const clicked = Object.entries(datum).map(
    ([name, value]) => [result.columns.findIndex((one) => one.name === name), value] as const,
  );
  const row = result.rows.find((one) =>
    clicked.every(([position, value]) => sameText(one[position] ?? null, value)),
  );
  return row === undefined ? undefined : (row[index] ?? null);
}

/** A month of a chart is its first day, where the query may have given that day's midnight. */
function sameText(held: string | null, clicked: string | null): boolean {
  if (held === clicked) return true;
  return clicked !== null && held !== null && held.startsWith(`${clicked} 00:00:00`);
}

async function placesOf(
  rows: QueryResult,
  snapshot: Snapshot,
): Promise<readonly (RowLocation | undefined)[]> {
  const at = (name: string): number => rows.columns.findIndex((column) => column.name === name);
  const batch = at('_batch_id');
  const number = at('_row_number');
  const wanted = rows.rows.map((row) => ({
    batchId: row[batch] ?? '0',
    rowNumber: row[number] ?? '0',
  }));
  const located = await locateRows(snapshot.client, wanted);
  const byPlace = new Map(located.map((place) => [`${place.batchId} ${place.rowNumber}`, place]));
  return wanted.map((place) => byPlace.get(`${place.batchId} ${place.rowNumber}`));
}
