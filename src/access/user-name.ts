/** Names that Postgres, its hosts or SQL itself have a meaning for. */
const taken: ReadonlySet<string> = new Set([
  'public',
  'none',
  'user',
  'current_user',
  'current_role',
  'session_user',
  'postgres',
]);

/**
 * Why a name cannot be that of a database user; undefined when it can. The names that are left need
 * no quoting in psql, in a connection string or in the name of a secret.
 */
export function userNameFault(
  name: string,
): { readonly message: string; readonly expected: string } | undefined {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) {
    return {
      message: `'${name}' cannot be the name of a database user`,
      expected: 'small letters, digits and _, a letter first, at most 63',
    };
  }
  const owner = ownerOf(name);
  if (owner === undefined) return undefined;
  return {
    message: `'${name}' is a name of ${owner}`,
    expected: 'a name of its own for each tool or person',
  };
}

function ownerOf(name: string): string | undefined {
  if (name.startsWith('plumbline')) return "Plumbline's own roles";
  if (name.startsWith('rds')) return 'the host of the database (Amazon RDS)';
  return name.startsWith('pg_') || taken.has(name) ? 'Postgres itself' : undefined;
}
