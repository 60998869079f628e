import type { ClientBase } from 'pg';

/** One right that a role has on one thing of the database, or by default on what will be made. */
export interface Right {
  /** The role; `PUBLIC` for everybody. */
  readonly to: string;
  readonly kind: 'database' | 'schema' | 'relation' | 'column' | 'default' | 'other';
  /** The schema of a schema, a relation or a default; null where there is none. */
  readonly schema: string | null;
  /** What follows `on` in a grant, quoted: `schema marts`, `table marts.sales`. */
  readonly target: string;
  /** `SELECT`; of a column with the column in parentheses. */
  readonly privilege: string;
  readonly grantable: boolean;
  /** Who gave it, when that is not the owner: this role alone can take it back. */
  readonly grantor: string | null;
  /** Of a default: for what this role makes. */
  readonly maker: string | null;
  /** The connected user may take it back. */
  readonly ours: boolean;
}

/** Rights that roles have in this database by name, on whatever it is. */
export async function readRights(
  client: ClientBase,
  names: readonly string[],
): Promise<readonly Right[]> {
  const { rows } = await client.query<Right>(
    `with role as (select oid from pg_roles where rolname = any ($1)), ${allRights}
     select pg_get_userbyid(r.grantee)::text as "to", ${shownColumns}
     from rights r where r.grantee in (select oid from role)
     union all
     select pg_get_userbyid(d.refobjid)::text, 'other', null,
       case i.type when 'function' then 'routine' when 'procedure' then 'routine'
         when 'aggregate' then 'routine' when 'server' then 'foreign server'
         when 'parameter ACL' then 'parameter' else i.type end || ' ' || i.identity,
       'ALL', false, null, null, true
     from pg_shdepend d
     cross join lateral pg_identify_object(d.classid, d.objid, d.objsubid) i
     where d.refclassid = 'pg_authid'::regclass and d.refobjid in (select oid from role)
       and d.deptype = 'a'
       and d.dbid in (0, (select oid from pg_database where datname = current_database()))
       and d.classid in ('pg_proc'::regclass, 'pg_type'::regclass, 'pg_language'::regclass,
         'pg_foreign_data_wrapper'::regclass, 'pg_foreign_server'::regclass,
         'pg_largeobject'::regclass, 'pg_tablespace'::regclass, 'pg_parameter_acl'::regclass)
     order by 1, 2, 4, 5`,
    [names],
  );
  return rows;
}

/**
 * Rights that everybody has on the database, on schema `public` and within these schemas. Procedures
 * count: whoever reads a schema could call one that runs with the rights of its owner.
 */
export async function readPublicRights(
  client: ClientBase,
  schemas: readonly string[],
): Promise<readonly Right[]> {
  const { rows } = await client.query<Right>(
    `with ${allRights}
     select 'PUBLIC' as "to", ${shownColumns}
     from rights r
     where r.grantee = 0 and (
       r.kind = 'schema' and r.schema = 'public'
       or r.kind = 'database' and r.target = format('database %I', current_database())
       or r.kind in ('schema', 'relation', 'column', 'default') and r.schema = any ($1))
     union all
     select 'PUBLIC', 'other', n.nspname, format('routine %s', p.oid::regprocedure), a.privilege_type,
       a.is_grantable, pg_get_userbyid(nullif(a.grantor, p.proowner))::text, null, pg_has_role(p.proowner, 'usage')
     from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
     where p.prokind = 'p' and a.grantee = 0 and n.nspname = any ($1)
     order by 2, 4, 5`,
    [schemas],
  );
  return rows;
}

const shownColumns = `r.kind, r.schema, r.target, r.privilege, r.grantable,
  pg_get_userbyid(r.grantor)::text as grantor, r.maker, r.ours`;

/** Every right on databases, schemas, relations and columns, and every default, one row each. */
const allRights = `rights as (
  select 'database' as kind, null::text as schema, format('database %I', datname) as target,
    a.privilege_type as privilege, a.is_grantable as grantable, a.grantee, nullif(a.grantor, datdba) as grantor,
    null::text as maker, pg_has_role(datdba, 'usage') as ours
  from pg_database cross join lateral aclexplode(coalesce(datacl, acldefault('d', datdba))) a
  union all
  select 'schema', nspname, format('schema %I', nspname), a.privilege_type, a.is_grantable,
    a.grantee, nullif(a.grantor, nspowner), null, pg_has_role(nspowner, 'usage')
  from pg_namespace cross join lateral aclexplode(nspacl) a
  union all
  select 'relation', nspname,
    format('%s %I.%I', case relkind when 'S' then 'sequence' else 'table' end, nspname, relname),
    a.privilege_type, a.is_grantable, a.grantee, nullif(a.grantor, relowner), null, pg_has_role(relowner, 'usage')
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  cross join lateral aclexplode(relacl) a
  union all
  select 'column', nspname, format('table %I.%I', nspname, relname),
    format('%s (%I)', a.privilege_type, attname), a.is_grantable, a.grantee, nullif(a.grantor, relowner), null,
    pg_has_role(relowner, 'usage')
  from pg_attribute t join pg_class c on c.oid = t.attrelid
  join pg_namespace n on n.oid = c.relnamespace
  cross join lateral aclexplode(attacl) a
  union all
  select 'default', nspname,
    case defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'routines'
      when 'T' then 'types' when 'n' then 'schemas' else 'large objects' end,
    a.privilege_type, a.is_grantable, a.grantee, null,
    pg_get_userbyid(defaclrole)::text, pg_has_role(defaclrole, 'usage')
  from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace
  cross join lateral aclexplode(defaclacl) a)`;
