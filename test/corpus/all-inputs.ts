import { apiInputs } from './api-inputs.ts';
import type { CorpusInput } from './corpus-input.ts';
import { csvInputs } from './csv-inputs.ts';
import { excelInputs } from './excel-inputs.ts';
import { fixtureInputs } from './fixture-inputs.ts';
import { oddInputs } from './odd-inputs.ts';

/** Every input there is, those of other projects included where they are at hand. */
export function allInputs(): readonly CorpusInput[] {
  return [...csvInputs, ...excelInputs, ...oddInputs, ...apiInputs, ...fixtureInputs()];
}
