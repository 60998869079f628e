import type { QueryResult } from './query.ts';

export interface ResultCache {
  readonly get: (key: string) => QueryResult | undefined;
  readonly set: (key: string, result: QueryResult) => void;
}

/** Keeps the results used last, by the number of values they hold. */
export function createResultCache(valuesMax: number): ResultCache {
  const results = new Map<string, QueryResult>();
  let held = 0;
  const size = (result: QueryResult): number => (result.rows.length + 1) * result.columns.length;
  return {
    get: (key) => {
      const result = results.get(key);
      if (result === undefined) return undefined;
      // A Map keeps the order of insertion: what is used again moves to its end.
      results.delete(key);
      results.set(key, result);
      return result;
    },
    set: (key, result) => {
      // One result that would push out half of the others is not worth keeping.
      if (size(result) > valuesMax / 2 || results.has(key)) return;
      results.set(key, result);
      held += size(result);
      for (const [oldest, old] of results) {
        if (held <= valuesMax) break;
        results.delete(oldest);
        held -= size(old);
      }
    },
  };
}
