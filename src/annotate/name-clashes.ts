import { type KeptReject, placeText } from './place-faults.ts';

/** Other rows of a key that are named. */
const namedMax = 3;

/**
 * Rows that clash over a key know each other by their number in the delivery, which nobody sees in the
 * file: their faults are told anew by where the other rows stand.
 */
export function nameClashes(
  rejects: readonly KeptReject[],
  kind: string,
  key: readonly string[],
): readonly KeptReject[] {
  const byKey = Map.groupBy(
    rejects.flatMap((reject) =>
      reject.faults.flatMap(({ code, value }) =>
        code === 'primary-key' ? [{ reject, value }] : [],
      ),
    ),
    ({ value }) => value,
  );
  return rejects.map((reject) => ({
    ...reject,
    faults: reject.faults.map((fault) => {
      const rows = fault.code === 'primary-key' ? (byKey.get(fault.value) ?? []) : [];
      const others = rows.filter((row) => row.reject !== reject).map((row) => row.reject);
      if (others.length === 0) return fault;
      const named = others.slice(0, namedMax).map((other) => placeText(kind, other));
      const rest = others.length > namedMax ? ` and ${others.length - namedMax} more` : '';
      return {
        ...fault,
        expected: `one row for each ${key.join(', ')}; ${named.join('; ')}${rest} ${others.length === 1 ? 'has' : 'have'} the same and differ${others.length === 1 ? 's' : ''}`,
      };
    }),
  }));
}
