/**
 * Who may read, as `access` of the settings declares it. Nobody else may: what is not named here is
 * denied, to addresses as to database users.
 */
export interface Access {
  /** Addresses that reach the proxy on AWS, as they were written. Empty: none does. */
  readonly allow: readonly AllowedRange[];
  /** In the order of their names. */
  readonly users: readonly AccessUser[];
}

/** A range of addresses and whose it is. */
export interface AllowedRange {
  /** `203.0.113.0/24`, `2001:db8::/32` */
  readonly cidr: string;
  /** `office` */
  readonly note: string;
}

/** A login of a BI tool or a person: reads its schemas, and nothing else. */
export interface AccessUser {
  /** The role in Postgres: small letters, digits and `_`. */
  readonly name: string;
  /** At least one, each of the project's models or `clean`. */
  readonly schemas: readonly string[];
  /** Connections at once, 1 to 1000. */
  readonly connections: number;
}

/** Nobody, from nowhere. */
export const noAccess: Access = { allow: [], users: [] };
