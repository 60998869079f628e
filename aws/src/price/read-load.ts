import { PlumblineError, suggest } from 'plumbline/runtime';

import { loads } from './load.ts';
import type { Load, LoadName } from './load.ts';

/** The numbers of a load as they are called on the command line. */
const numbers: Readonly<Record<string, { readonly key: keyof Load; readonly max: number }>> = {
  seconds: { key: 'secondsPerRun', max: 900 },
  fetched: { key: 'fetchedGb', max: 100_000 },
  database: { key: 'databaseGb', max: 100_000 },
  ios: { key: 'databaseMillionIos', max: 100_000 },
  landing: { key: 'landingGb', max: 1_000_000 },
  bi: { key: 'biHours', max: 24 },
  acu: { key: 'awakeAcu', max: 256 },
  egress: { key: 'egressGb', max: 100_000 },
  logs: { key: 'logGb', max: 10_000 },
};

const isName = (text: string): text is LoadName => Object.hasOwn(loads, text);

/**
 * Reads `--load`: `heavy`, `bi=10,database=50` (the rest as usual), or `light,bi=10`. Throws `usage`.
 */
export function readLoad(text = 'usual'): Load {
  const [first = '', ...rest] = text.split(',').map((part) => part.trim());
  const base = isName(first) ? loads[first] : loads.usual;
  const parts = isName(first) ? rest : [first, ...rest];
  return parts.reduce<Load>((load, part) => ({ ...load, ...readNumber(part) }), base);
}

function readNumber(part: string): Partial<Load> {
  const [name = '', value = '', ...more] = part.split('=');
  const known = Object.hasOwn(numbers, name) ? numbers[name] : undefined;
  if (known === undefined || more.length > 0) {
    const near = suggest(name, [...Object.keys(numbers), ...Object.keys(loads)]);
    throw new PlumblineError('usage', {
      message: `--load has '${part}'; expected light, usual, heavy, or numbers such as bi=10: ${Object.keys(numbers).join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`,
    });
  }
  const isWhole = known.key === 'secondsPerRun';
  const pattern = isWhole ? /^\d{1,7}$/ : /^\d{1,7}(?:\.\d{1,3})?$/;
  if (!pattern.test(value) || Number(value) > known.max) {
    throw new PlumblineError('usage', {
      message: `--load has ${name}='${value}'; expected a ${isWhole ? 'whole ' : ''}number from 0 to ${known.max}`,
    });
  }
  return { [known.key]: Number(value) };
}
