import { suggest } from '../contract/suggest.ts';
import { referencesOf } from './dependencies.ts';
import type { Check, Model, Procedure } from './model.ts';
import { placeOf } from './parse-sql.ts';

export interface ReferencedProject {
  readonly models: readonly Model[];
  readonly procedures: readonly Procedure[];
  /** Files of `checks/`; the checks of models are looked at with their models. */
  readonly checks: readonly Check[];
  /** Relations of the sources: `partner_orders` for source `partner-orders`. */
  readonly sourceRelations: Iterable<string>;
}

/**
 * Relations that models, procedures and checks read and nothing in the project makes, one line each:
 * `file:line:column: marts.sale_daily is no model and no source; did you mean marts.sales_daily?`
 */
export function checkReferences(project: ReferencedProject): readonly string[] {
  const { models, procedures, checks } = project;
  const known = new Set([
    ...models.map((model) => model.name),
    ...procedures.flatMap((procedure) => procedure.writes),
    ...Array.from(project.sourceRelations, (relation) => `clean.${relation}`),
  ]);
  return [
    ...[...models, ...checks].flatMap((query) =>
      faultsOf(query.sql, known).map(({ index, fault }) => {
        const { line, column } = placeOf(query.sql, index);
        return `${query.file}:${query.line + line - 1}:${column}: ${fault}`;
      }),
    ),
    // The SQL of a declared check is written nowhere; its place is the declaration.
    ...models
      .flatMap((model) => model.checks)
      .flatMap(({ sql, file, line }) =>
        faultsOf(sql, known).map(({ fault }) => `${file}:${line}: ${fault}`),
      ),
    ...procedures.flatMap(({ reads, file }) =>
      reads.flatMap((name) => {
        const fault = faultOf(name, known);
        return fault === undefined ? [] : [`${file}:1: ${fault}`];
      }),
    ),
  ];
}

function faultsOf(
  sql: string,
  known: ReadonlySet<string>,
): readonly { readonly index: number; readonly fault: string }[] {
  return referencesOf(sql).flatMap(({ name, qualified, index }) => {
    const fault = qualified ? faultOf(name, known) : unqualified(name, known);
    return fault === undefined ? [] : [{ index, fault }];
  });
}

function faultOf(name: string, known: ReadonlySet<string>): string | undefined {
  // The system's own tables may be read: a model of what was loaded and rejected is a fair wish.
  if (known.has(name) || name.startsWith('plumbline.')) return undefined;
  if (name.startsWith('raw.') && known.has(name.replace('raw.', 'clean.'))) {
    return `${name} also holds rows that are not released; read ${name.replace('raw.', 'clean.')}`;
  }
  const meant = suggest(name, known);
  return `${name} is no model and no source${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

function unqualified(name: string, known: ReadonlySet<string>): string {
  const meant = [...known].find((each) => each.endsWith(`.${name}`)) ?? suggest(name, known);
  return `write schema.relation for ${name}${meant === undefined ? '' : `, e.g. ${meant}`}`;
}
