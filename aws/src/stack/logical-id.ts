import { createHash } from 'node:crypto';

/**
 * The part of a logical id that stands for an id of the plan: `ingest-partner-orders` becomes
 * `IngestPartnerOrders`. CloudFormation replaces a resource whose logical id changes, so this depends
 * on nothing but the id. Two ids never share one: where the spelling could be that of another id
 * (`a-1` and `a1`, `a_b` and `a-b`), eight digits of its SHA-256 are added.
 */
export function logicalId(id: string): string {
  const pascal = id
    .split(/[^a-zA-Z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
  const reversible = /^[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*$/.test(id);
  return reversible ? pascal : `${pascal}${shortHash(id)}`;
}

/**
 * A name that AWS shows, of letters, digits, `-` and `_`, at most `lengthMax` of them. One that is
 * longer or has others is cut and ended with eight digits of its SHA-256, so that two names stay two.
 */
export function physicalName(name: string, lengthMax: number): string {
  const plain = name.replaceAll(/[^a-zA-Z0-9_-]/g, '-');
  if (plain === name && name.length <= lengthMax) return name;
  return `${plain.slice(0, lengthMax - 9)}-${shortHash(name)}`;
}

/** Eight hexadecimal digits. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
