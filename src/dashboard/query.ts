import type pg from 'pg';

import { quoteIdentifier } from '../warehouse/quote.ts';
import { bindParameters } from './parameters.ts';
import type { Parameters } from './parameters.ts';
import { cursorPrefix, isWarehouseFault, queryError, warehouseFault } from './query-error.ts';
import { readRelease } from './release-info.ts';
import type { ReleaseInfo } from './release-info.ts';
import { createResultCache } from './result-cache.ts';
import type { ResultCache } from './result-cache.ts';

export type ColumnKind = 'number' | 'day' | 'instant' | 'boolean' | 'text';

/** The rows of a query, every value as Postgres writes it: decimals stay exact, no `Date` appears. */
export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly kind: ColumnKind }[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** True when there were more rows than asked for. */
  readonly truncated: boolean;
}

export interface QueryOptions {
  /** Rows returned at most; default 5,000. */
  readonly rowsMax?: number;
  /** A column of the result: the rows are sorted by it, largest first, before they are counted. */
  readonly largestFirst?: string;
}

/** The warehouse as it was at one moment: every query of a page sees the same release. */
export interface Snapshot {
  /** Undefined before the first release. */
  readonly release: ReleaseInfo | undefined;
  /**
   * Runs one select with `:name` parameters. Throws `unknown-parameter`, `query-failed` or
   * `query-too-slow`; the snapshot stays usable after each of them.
   */
  readonly query: (
    sql: string,
    parameters?: Parameters,
    options?: QueryOptions,
  ) => Promise<QueryResult>;
  /** The same for Plumbline's own tables, which change between releases: never cached. `$1` parameters. */
  readonly system: (sql: string, values?: readonly (string | null)[]) => Promise<QueryResult>;
  /** For reads of other stages, in the same transaction. An error in one of them ends the snapshot. */
  readonly client: Pick<pg.ClientBase, 'query'>;
}

export interface Queries {
  /** Runs `read` in one read-only transaction of the reader role. */
  readonly snapshot: <T>(read: (snapshot: Snapshot) => Promise<T>) => Promise<T>;
}

export interface QueriesOptions {
  /** A pool of the reader role: its grants are what keeps a tile from writing. */
  readonly pool: pg.Pool;
  /** IANA zone in which `date_trunc` and `current_date` of a tile are meant. */
  readonly zone: string;
  /** A statement is ended after so long; default 10,000. */
  readonly timeoutMs?: number;
  /** Values kept of results already read; default 500,000, about 50 MB. */
  readonly cachedValuesMax?: number;
}

const rowsMaxByDefault = 5000;

/** Reads the warehouse for dashboards. Results are cached by (query, parameters, release). */
export function createQueries(options: QueriesOptions): Queries {
  const cache = createResultCache(options.cachedValuesMax ?? 500_000);
  const session = { timeoutMs: options.timeoutMs ?? 10_000, zone: options.zone };
  return {
    snapshot: async (read) => {
      const client = await connect(options.pool);
      // A connection that breaks while it is ours says so here as well as to the query that waits.
      const ignore = (): void => undefined;
      client.on('error', ignore);
      let broken = true;
      try {
        const result = await read(await openSnapshot(client, { cache, session }));
        await client.query('rollback');
        broken = false;
        return result;
      } catch (error) {
        throw isWarehouseFault(error) ? warehouseFault(error) : error;
      } finally {
        client.off('error', ignore);
        // What is left in an unknown state is not given back to the pool; ending it ends its transaction.
        client.release(broken);
      }
    },
  };
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (cause) {
    throw warehouseFault(cause);
  }
}

async function openSnapshot(
  client: pg.PoolClient,
  options: { readonly cache: ResultCache; readonly session: Session },
): Promise<Snapshot> {
  const { cache, session } = options;
  // One message for all, since a page that was read before costs little else than its messages. A
  // cursor is planned for its first tenth unless told that all of it will be read.
  await client.query(
    `begin transaction isolation level repeatable read, read only;
     set local statement_timeout = ${session.timeoutMs};
     set local timezone = ${client.escapeLiteral(session.zone)};
     set local cursor_tuple_fraction = 1`,
  );
  const release = await readRelease(client);
  const run = async (text: string, read: () => Promise<QueryResult>): Promise<QueryResult> => {
    // The savepoint keeps the other tiles of the page alive when this one's SQL is wrong.
    await client.query('savepoint tile');
    try {
      const result = await read();
      await client.query('release savepoint tile');
      return result;
    } catch (cause) {
      if (isWarehouseFault(cause)) throw cause;
      await client.query('rollback to savepoint tile');
      throw queryError(cause, text);
    }
  };
  return {
    release,
    client,
    query: async (sql, parameters = {}, { rowsMax = rowsMaxByDefault, largestFirst } = {}) => {
      const bound = bindParameters(withoutSemicolon(sql), parameters);
      const values = bound.values;
      // The closing bracket is on a line of its own: the query may end in a comment.
      const text =
        largestFirst === undefined
          ? bound.text
          : `select * from (${bound.text}\n) tile order by ${quoteIdentifier(largestFirst)} desc nulls last`;
      // `today` is part of the key: a query may read current_date.
      const key = JSON.stringify([release?.id, parameters['today']?.value, rowsMax, values, text]);
      const known = cache.get(key);
      if (known !== undefined) return known;
      const result = await run(text, () => fetchRows(client, { text, values, rowsMax }));
      if (release !== undefined) cache.set(key, result);
      return result;
    },
    system: (sql, values = []) => run(sql, async () => resultOf(await ask(client, sql, values))),
  };
}

interface Session {
  readonly timeoutMs: number;
  readonly zone: string;
}

interface Fetch {
  readonly text: string;
  readonly values: readonly (string | null)[];
  readonly rowsMax: number;
}

/**
 * Reads through a cursor, so that a query without a limit costs the memory of `rowsMax` rows; a cursor
 * also takes exactly one select and nothing else.
 */
async function fetchRows(client: pg.PoolClient, fetch: Fetch): Promise<QueryResult> {
  await ask(client, `${cursorPrefix}${fetch.text}`, fetch.values);
  const { fields, rows } = await ask(client, `fetch forward ${fetch.rowsMax + 1} from tile`, []);
  await client.query('close tile');
  return {
    ...resultOf({ fields, rows: rows.slice(0, fetch.rowsMax) }),
    truncated: rows.length > fetch.rowsMax,
  };
}

type Answer = Pick<pg.QueryArrayResult<(string | null)[]>, 'fields' | 'rows'>;

/** Sends one statement; values come as Postgres writes them. */
function ask(
  client: pg.PoolClient,
  text: string,
  values: readonly (string | null)[],
): Promise<Answer> {
  const query: pg.QueryArrayConfig & { queryMode: 'extended' } = {
    text,
    values: [...values],
    rowMode: 'array',
    types: { getTypeParser: () => (value: unknown) => value },
    // Without values pg would take the simple protocol, which runs several statements in one text.
    queryMode: 'extended',
  };
  return client.query<(string | null)[]>(query);
}

function resultOf({ fields, rows }: Answer): QueryResult {
  return {
    columns: fields.map((field) => ({ name: field.name, kind: columnKind(field.dataTypeID) })),
    rows,
    truncated: false,
  };
}

function withoutSemicolon(sql: string): string {
  return sql.replace(/;\s*$/u, '');
}

/** Type OIDs of pg_type.dat, which Postgres never changes. */
function columnKind(oid: number): ColumnKind {
  if ([20, 21, 23, 700, 701, 1700].includes(oid)) return 'number';
  if (oid === 1082) return 'day';
  if (oid === 1114 || oid === 1184) return 'instant';
  return oid === 16 ? 'boolean' : 'text';
}
