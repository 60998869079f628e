import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { findFixtures } from '../helpers/fixtures.ts';
import type { CorpusInput, Expected } from './corpus-input.ts';
import { fixtureOutcomes } from './fixture-outcomes.ts';

/** No column is asked for: what is tested is that each record is seen. */
const anything = { columns: {}, key: [], controlTotals: [] } as const;

/** Files of other projects with what must become of each; none where they are not at hand. */
export function fixtureInputs(): readonly CorpusInput[] {
  const root = findFixtures();
  if (root === undefined) return [];
  return ['calamine', 'frictionless', 'readxl', 'real'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((file) => /\.(?:csv|xlsx|xls|xlsb|ods)$/u.test(file))
      .sort()
      .map((file): CorpusInput => {
        const name = `${folder}/${file}`;
        return {
          kind: file.endsWith('.csv') ? 'csv' : 'excel',
          name,
          content: () => readFileSync(join(root, name)),
          options: anything,
          ...outcomeOf(name),
        };
      }),
  );
}

function outcomeOf(name: string): { readonly expected: Expected; readonly records?: number } {
  const outcome = fixtureOutcomes[name];
  if (outcome === undefined) throw new Error(`no outcome is written down for ${name}`);
  return outcome;
}
