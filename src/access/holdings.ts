import type { ClientBase } from 'pg';

/** What can be looked at and not be taken away by a grant or revoke here; sentences for people. */
export async function readHoldings(
  client: ClientBase,
  names: readonly string[],
  schemas: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await client.query<{ note: string }>(
    `select format('%s owns %s, made by hand: give it to another owner or drop it.',
         pg_get_userbyid(d.refobjid), i.type || ' ' || i.identity) as note
     from pg_shdepend d
     cross join lateral pg_identify_object(d.classid, d.objid, d.objsubid) i
     where d.refclassid = 'pg_authid'::regclass and d.deptype = 'o'
       and d.refobjid in (select oid from pg_roles where rolname = any ($1))
       and d.dbid in (0, (select oid from pg_database where datname = current_database()))
     union
     select format('%s has rights or things of its own in database %s too.',
         pg_get_userbyid(d.refobjid), b.datname)
     from pg_shdepend d join pg_database b on b.oid = d.dbid
     where d.refclassid = 'pg_authid'::regclass and b.datname <> current_database()
       and d.refobjid in (select oid from pg_roles where rolname = any ($1))
     union
     select format('Schema %s, which is not of this project, is open to everybody.', nspname)
     from pg_namespace cross join lateral aclexplode(nspacl) a
     where a.grantee = 0 and nspname <> all ($2)
       and nspname not in ('public', 'information_schema') and nspname not like 'pg\\_%'
     order by 1`,
    [names, schemas],
  );
  return rows.map((row) => row.note);
}
