import type { ClientBase } from 'pg';

/** What the server says about the connected user and the database. */
export interface ServerState {
  readonly connectedAs: string;
  readonly createsRoles: boolean;
  readonly database: string;
  /** Rights on the database itself are the connected user's to give. */
  readonly ownsDatabase: boolean;
  /** Who owns what releases make: `plumbline_owner`, or the user that everything runs as. */
  readonly owner: string;
  readonly actsAsOwner: boolean;
  /** Plumbline's roles that have no right of their own to connect, or to make temporary tables. */
  readonly unconnected: readonly string[];
  /** Logins of others that can connect only because everybody may. */
  readonly strangers: readonly string[];
  /** Other databases of the server to which everybody may connect. */
  readonly openDatabases: readonly string[];
}

/** Throws nothing of its own; schema `plumbline` must be there. */
export async function readServerState(client: ClientBase): Promise<ServerState> {
  const { rows } = await client.query<ServerState>(`
    with database as (
      select oid, datname, datdba, coalesce(datacl, acldefault('d', datdba)) as acl
      from pg_database where datname = current_database()),
    given as (
      select a.grantee, a.privilege_type from database, lateral aclexplode(acl) a)
    select
      current_user::text as "connectedAs",
      (select rolsuper or rolcreaterole from pg_roles where rolname = current_user) as "createsRoles",
      datname as database,
      pg_has_role(datdba, 'usage') as "ownsDatabase",
      n.owner::text as owner,
      pg_has_role(n.owner, 'usage') as "actsAsOwner",
      array(
        select rolname::text from pg_roles r
        where rolname in ('plumbline_owner', 'plumbline_loader', 'plumbline_reader')
          and r.oid <> datdba
          and exists (
            select from unnest(array['CONNECT', 'TEMPORARY']) p
            where not (p = 'TEMPORARY' and rolname = 'plumbline_reader')
              and not exists (
                select from given where grantee = r.oid and privilege_type = p))
        order by 1) as unconnected,
      array(
        select rolname::text from pg_roles r
        where rolcanlogin and not rolsuper and r.oid <> datdba
          and rolname not like 'plumbline\\_%' and rolname <> current_user
          and coalesce(shobj_description(r.oid, 'pg_authid'), '') not like 'plumbline access%'
          and exists (select from given where grantee = 0 and privilege_type = 'CONNECT')
          and not exists (
            select from given
            where grantee <> 0 and privilege_type = 'CONNECT' and pg_has_role(r.oid, grantee, 'usage'))
        order by 1) as strangers,
      array(
        select other.datname::text from pg_database other
        cross join lateral aclexplode(coalesce(other.datacl, acldefault('d', other.datdba))) a
        where other.datallowconn and other.oid <> database.oid
          and a.grantee = 0 and a.privilege_type = 'CONNECT'
        order by 1) as "openDatabases"
    from database, (
      select pg_get_userbyid(nspowner) as owner from pg_namespace where nspname = 'plumbline') n`);
  const [state] = rows;
  if (state === undefined) throw new Error('schema plumbline is not there');
  return state;
}
