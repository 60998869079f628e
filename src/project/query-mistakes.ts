import type { Dashboard, Digest, Filter, Tile } from '../dashboard/definition.ts';
import { defaultFilters, filterParameters } from '../dashboard/filters.ts';
import { bindParameters } from '../dashboard/parameters.ts';
import { PlumblineError } from '../errors.ts';
import type { Mistake } from '../errors.ts';
import { checkReferences } from '../model/check-references.ts';
import type { Check, Model, Procedure } from '../model/model.ts';
import { SqlSyntaxError, parseStatements, placeOf } from '../model/parse-sql.ts';
import { mistakeOfLine } from './mistakes.ts';

/** One select of a dashboard or digest, and where it stands. */
interface Query {
  readonly file: string;
  /** `tile "Revenue"`, `filters.region`. */
  readonly place: string;
  readonly sql: string;
}

interface Page {
  readonly file: string;
  readonly filters: Readonly<Record<string, Filter>>;
  readonly tiles: readonly Tile[];
}

export interface QueriedProject {
  readonly models: readonly Model[];
  readonly procedures: readonly Procedure[];
  readonly checks: readonly Check[];
  readonly sourceRelations: readonly string[];
  /** By file. */
  readonly dashboards: ReadonlyMap<string, Dashboard>;
  readonly digests: ReadonlyMap<string, Digest>;
}

/**
 * What is wrong with the project's SQL as far as it shows without a database: `:parameters` no
 * filter gives, syntax, relations nothing in the project makes.
 */
export function queryMistakes(project: QueriedProject): readonly Mistake[] {
  const pages: Page[] = [
    ...[...project.dashboards].map(([file, { filters, rows }]) => ({
      file,
      filters,
      tiles: rows.flat(),
    })),
    ...[...project.digests].map(([file, { filters, tiles }]) => ({ file, filters, tiles })),
  ];
  const mistakes: Mistake[] = [];
  const queries: Query[] = [];
  for (const page of pages) {
    const parameters = filterParameters(defaultFilters(page.filters, '2000-01-01'));
    for (const query of queriesOf(page)) {
      const bound = bind(query, parameters);
      if ('sql' in bound) queries.push(bound);
      else mistakes.push(bound);
    }
  }
  return [...mistakes, ...referenceMistakes(project, queries)];
}

function queriesOf({ file, filters, tiles }: Page): readonly Query[] {
  const ofFilters = Object.entries(filters).flatMap(([name, filter]) =>
    filter.kind === 'choice' && filter.sql !== undefined
      ? [{ file, place: `filters.${name}`, sql: filter.sql }]
      : [],
  );
  const ofTiles = tiles.flatMap((tile) => {
    const place = `tile '${tile.title}'`;
    const sparkline = tile.kind === 'kpi' ? tile.sparkline : undefined;
    return [
      { file, place, sql: tile.sql },
      ...(sparkline === undefined ? [] : [{ file, place: `${place}, sparkline`, sql: sparkline }]),
    ];
  });
  return [...ofFilters, ...ofTiles];
}

/** The query as Postgres would see it, or what is wrong with it. */
function bind(query: Query, parameters: Parameters<typeof bindParameters>[1]): Query | Mistake {
  const { file, place } = query;
  try {
    const { text } = bindParameters(query.sql, parameters);
    const statements = parseStatements(text);
    const [statement] = statements;
    if (statements.length !== 1 || statement === undefined || !('SelectStmt' in statement.node)) {
      return { file, place, message: 'is not one select', expected: 'exactly one select' };
    }
    return { ...query, sql: text };
  } catch (error) {
    if (error instanceof SqlSyntaxError) {
      const { line } = placeOf(query.sql, error.index);
      return { file, place: `${place}, line ${line} of its SQL`, message: error.message };
    }
    if (!(error instanceof PlumblineError)) throw error;
    const suggestion = /^Did you mean (.*)\?$/.exec(error.remedy)?.[1];
    return {
      file,
      place,
      message: error.message,
      ...(suggestion === undefined ? {} : { suggestion }),
    };
  }
}

/** Relations are looked up for pages as for the files of `checks/`; places are put back afterwards. */
function referenceMistakes(project: QueriedProject, queries: readonly Query[]): readonly Mistake[] {
  const pageChecks = queries.map(({ sql }, index): Check => {
    const name = `tile ${index}`;
    return { name, model: undefined, level: 'error', sql, file: name, line: 1 };
  });
  const lines = checkReferences({
    models: project.models,
    procedures: project.procedures,
    checks: [...project.checks, ...pageChecks],
    sourceRelations: project.sourceRelations,
  });
  return lines.map((line) => {
    const mistake = mistakeOfLine(line, '');
    const query = queries[Number(/^tile (\d+)$/.exec(mistake.file)?.[1] ?? Number.NaN)];
    if (query === undefined) return mistake;
    const at = /^line (\d+)/.exec(mistake.place ?? '')?.[1];
    const place = at === undefined ? query.place : `${query.place}, line ${at} of its SQL`;
    return { ...mistake, file: query.file, place };
  });
}
