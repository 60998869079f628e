import type { DatabasePlan } from '../plan/plan.ts';

/** By size, of the t and m classes; r has twice, x four times as much. */
const memoryGib: Readonly<Record<string, number>> = {
  micro: 1,
  small: 2,
  medium: 4,
  large: 8,
  xlarge: 16,
};

/**
 * About how many connections a server takes at once: its memory in bytes by 9,531,392, of which a
 * third is the system's own, at most 5,000. Infinite for a class that is not known here.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections
 */
export function serverConnections(database: DatabasePlan): number {
  const gib =
    database.kind === 'aurora-serverless' ? 2 * database.maxAcu : memoryOf(database.instanceType);
  return Math.min(5000, Math.floor(((gib * 1024 ** 3) / 9_531_392) * (2 / 3)));
}

function memoryOf(instanceType: string): number {
  const [, kind = '', times = '1', size = ''] =
    /^([a-z]+)\d\w*\.(\d+)?(\w+)$/.exec(instanceType) ?? [];
  const factor = { t: 1, m: 1, r: 2, x: 4 }[kind];
  const gib = memoryGib[size];
  return factor === undefined || gib === undefined ? Infinity : factor * Number(times) * gib;
}
