import type { ClientBase } from 'pg';

/** A role of the server that is declared, or was made for this database. */
export interface RoleState {
  readonly name: string;
  /** Says for which database Plumbline made it; null for a role that somebody else made. */
  readonly mark: string | null;
  readonly login: boolean;
  readonly connections: number;
  /** Rights beside grants that it has and should not: `superuser`, `createrole`, … */
  readonly powers: readonly string[];
  /** `{ name: value }` of `alter role … set`, everywhere and in any database. */
  readonly settings: Readonly<Record<string, string>>;
  /** The same, for one database: it would go before the others. */
  readonly settingsHere: readonly string[];
  readonly memberOf: readonly { readonly role: string; readonly grantor: string }[];
}

/** The comment by which a role is known to be ours; only such roles are ever changed. */
export const markOf = (database: string): string =>
  `plumbline access: user of database ${database}`;

/** The declared roles that exist, and all that carry the mark of this database. */
export async function readRoles(
  client: ClientBase,
  names: readonly string[],
): Promise<readonly RoleState[]> {
  const { rows } = await client.query<
    Omit<RoleState, 'settings' | 'settingsHere'> & { config: string[]; configHere: string[] }
  >(
    `select rolname::text as name,
       case when shobj_description(r.oid, 'pg_authid') like 'plumbline access: %'
         then shobj_description(r.oid, 'pg_authid') end as mark,
       rolcanlogin as login, rolconnlimit as connections,
       array_remove(array[
         case when rolsuper then 'superuser' end,
         case when rolcreatedb then 'createdb' end,
         case when rolcreaterole then 'createrole' end,
         case when rolreplication then 'replication' end,
         case when rolbypassrls then 'bypassrls' end], null) as powers,
       coalesce(rolconfig, '{}') as config,
       coalesce((select setconfig from pg_db_role_setting s
          where s.setrole = r.oid and s.setdatabase =
            (select oid from pg_database where datname = current_database())), '{}') as "configHere",
       coalesce((select jsonb_agg(jsonb_build_object(
            'role', pg_get_userbyid(roleid), 'grantor', pg_get_userbyid(grantor)))
          from pg_auth_members m where m.member = r.oid), '[]') as "memberOf"
     from pg_roles r
     where rolname = any ($1) or shobj_description(r.oid, 'pg_authid') = $2
     order by rolname`,
    [names, markOf(await databaseName(client))],
  );
  return rows.map(({ config, configHere, ...role }) => ({
    ...role,
    settings: Object.fromEntries(config.map((entry) => splitSetting(entry))),
    settingsHere: configHere.map((entry) => splitSetting(entry)[0]),
  }));
}

async function databaseName(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ name: string }>('select current_database()::text as name');
  return rows[0]?.name ?? '';
}

function splitSetting(entry: string): [string, string] {
  const at = entry.indexOf('=');
  return [entry.slice(0, at), entry.slice(at + 1)];
}
