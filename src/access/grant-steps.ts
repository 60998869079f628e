import type { ClientBase } from 'pg';

import { quoteIdentifier } from '../warehouse/quote.ts';
import type { AccessStep } from './access-changes.ts';
import type { AccessUser } from './access.ts';
import type { Right } from './right.ts';

/** A schema that may be read, and what is in it. */
export interface SchemaState {
  readonly name: string;
  /** Null while it does not exist. */
  readonly owner: string | null;
  /** The connected user may give rights on it. */
  readonly ours: boolean;
  readonly relations: readonly Relation[];
}

interface Relation {
  /** Quoted: `marts.sales`. */
  readonly name: string;
  readonly ours: boolean;
}

/** The schemas of these names, those that do not exist among them. */
export async function readSchemas(
  client: ClientBase,
  names: readonly string[],
): Promise<readonly SchemaState[]> {
  const { rows } = await client.query<SchemaState>(
    `select wanted.name, pg_get_userbyid(n.nspowner)::text as owner,
       coalesce(pg_has_role(n.nspowner, 'usage'), false) as ours,
       coalesce((
         select jsonb_agg(jsonb_build_object(
           'name', format('%I.%I', n.nspname, c.relname),
           'ours', pg_has_role(c.relowner, 'usage')) order by c.relname)
         from pg_class c where c.relnamespace = n.oid and c.relkind in ('r', 'v', 'm', 'p', 'f')), '[]')
       as relations
     from unnest($1::text[]) as wanted (name) left join pg_namespace n on n.nspname = wanted.name
     order by 1`,
    [names],
  );
  return rows;
}

export interface GrantContext {
  readonly rights: readonly Right[];
  /** By name. */
  readonly schemas: ReadonlyMap<string, SchemaState>;
  /** Who makes relations in releases. */
  readonly owner: string;
  readonly database: string;
  readonly ownsDatabase: boolean;
}

/** A right that a declared user is to have; everything else it has is to be taken away. */
export function isDeclared(right: Right, user: AccessUser, context: GrantContext): boolean {
  const { kind, schema, privilege, target } = right;
  if (kind === 'database') {
    const here = target === databaseTarget(context.database, right);
    return here && privilege === 'CONNECT';
  }
  if (schema === null || !user.schemas.includes(schema)) return false;
  if (kind === 'schema') return privilege === 'USAGE';
  if (kind === 'relation') return privilege === 'SELECT' && target.startsWith('table ');
  return kind === 'default' && isReadDefault(right, context.owner);
}

/** Quoted or not, as `%I` decided. */
const databaseTarget = (database: string, { target }: Right): string =>
  target.startsWith('database "')
    ? `database ${quoteIdentifier(database)}`
    : `database ${database}`;

const isReadDefault = ({ maker, target, privilege }: Right, owner: string): boolean =>
  maker === owner && target === 'tables' && privilege === 'SELECT';

/** Schemas that a user is to read and that no release has made yet: their rights are to be there first. */
export function schemaSteps(context: GrantContext): readonly AccessStep[] {
  const owner = quoteIdentifier(context.owner);
  return [...context.schemas.values()]
    .filter((schema) => schema.owner === null)
    .map(({ name }) => ({
      kind: 'give',
      user: null,
      text: `schema ${name} is made, empty until the next release`,
      sql: [`set local role ${owner}`, `create schema ${quoteIdentifier(name)}`, 'reset role'],
    }));
}

/** What a declared user does not have yet. */
export function grantSteps(user: AccessUser, context: GrantContext): readonly AccessStep[] {
  const mine = context.rights.filter((right) => right.to === user.name);
  const steps: AccessStep[] = [];
  const connects = mine.some(
    (right) => right.kind === 'database' && isDeclared(right, user, context),
  );
  if (!connects && context.ownsDatabase) {
    steps.push({
      kind: 'give',
      user: user.name,
      text: `${user.name} connects to database ${context.database}`,
      sql: [
        `grant connect on database ${quoteIdentifier(context.database)} to ${quoteIdentifier(user.name)}`,
      ],
    });
  }
  for (const name of user.schemas) {
    const schema = context.schemas.get(name);
    if (schema === undefined || (schema.owner !== null && !schema.ours)) continue;
    const step = schemaGrants(user, schema, { mine, owner: context.owner });
    if (step !== undefined) steps.push(step);
  }
  return steps;
}

function schemaGrants(
  user: AccessUser,
  schema: SchemaState,
  { mine, owner }: { readonly mine: readonly Right[]; readonly owner: string },
): AccessStep | undefined {
  const to = quoteIdentifier(user.name);
  const quoted = quoteIdentifier(schema.name);
  const inSchema = mine.filter((right) => right.schema === schema.name);
  const readable = new Set(
    inSchema
      .filter((right) => right.kind === 'relation' && right.privilege === 'SELECT')
      .map((right) => right.target),
  );
  const missing = schema.relations.filter(
    (relation) => relation.ours && !readable.has(`table ${relation.name}`),
  );
  const enters = inSchema.some((right) => right.kind === 'schema' && right.privilege === 'USAGE');
  const later = inSchema.some((right) => right.kind === 'default' && isReadDefault(right, owner));
  const sql = [
    ...(enters ? [] : [`grant usage on schema ${quoted} to ${to}`]),
    ...(missing.length === 0
      ? []
      : [`grant select on table ${missing.map((each) => each.name).join(', ')} to ${to}`]),
    ...(later
      ? []
      : [
          `alter default privileges for role ${quoteIdentifier(owner)} in schema ${quoted} grant select on tables to ${to}`,
        ]),
  ];
  if (sql.length === 0) return undefined;
  const count = `${missing.length} ${missing.length === 1 ? 'relation' : 'relations'}`;
  const what =
    missing.length === 0 && !later
      ? 'what later releases make'
      : later
        ? count
        : `${count}, and those of later releases`;
  return {
    kind: 'give',
    user: user.name,
    text: `${user.name} reads schema ${schema.name}: ${what}`,
    sql,
  };
}
