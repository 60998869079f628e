/** Who a connection acts as: the project's models, its loads, or its readers. */
export type Role = 'owner' | 'loader' | 'reader';

/** All roles, the one others may depend on first. */
export const roles: readonly Role[] = ['loader', 'owner', 'reader'];

/** The role's name in Postgres. */
export function roleName(role: Role): string {
  return `plumbline_${role}`;
}
