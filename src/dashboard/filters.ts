import { suggest } from '../contract/suggest.ts';
import { periodPresets } from './definition.ts';
import type { ChoiceFilter, Filter, PeriodFilter } from './definition.ts';
import type { Parameters } from './parameters.ts';
import { dayPeriod, isDay, presetPeriod } from './period.ts';
import type { DayRange, Period } from './period.ts';

/** What a reader chose, or the default. */
export type FilterValue =
  | ({ readonly kind: 'period' } & Period)
  | {
      readonly kind: 'choice';
      /** Null for all. */
      readonly value: string | null;
    };

/** The chosen values of a dashboard's filters, with what was wrong in the address. */
export interface FilterValues {
  /** The company's day, `YYYY-MM-DD`, that presets were counted from. */
  readonly today: string;
  readonly values: Readonly<Record<string, FilterValue>>;
  /** Sentences for the reader: a value that was not understood and what was taken instead. */
  readonly notices: readonly string[];
}

export interface ResolveOptions {
  /** The company's day, `YYYY-MM-DD`. */
  readonly today: string;
  /** What a choice may be, by filter; a filter that is not named takes any value. */
  readonly choices?: Readonly<Record<string, readonly string[]>>;
}

/** Which days a period parameter stands for: those chosen, or those they are compared with. */
export type PeriodShift = 'none' | 'previous period' | 'previous year' | 'all until today';

/** The address's word for "no choice", also where the filter has a default. */
export const allChoices = '';

/**
 * Reads the filters of a dashboard from its address: `?period=last+12+months`, or
 * `?period_from=2026-01-01&period_to=2026-03-31`, and `?region=North`. A value that is not understood
 * falls back to the default with a notice; none ever becomes SQL.
 */
export function resolveFilters(
  filters: Readonly<Record<string, Filter>>,
  address: URLSearchParams,
  options: ResolveOptions,
): FilterValues {
  const notices: string[] = [];
  const values: Record<string, FilterValue> = {};
  for (const [name, filter] of Object.entries(filters)) {
    values[name] =
      filter.kind === 'period'
        ? resolvePeriod({ name, filter, address, today: options.today, notices })
        : resolveChoice({ name, filter, address, allowed: options.choices?.[name], notices });
  }
  return { today: options.today, values, notices };
}

/** The default of every filter, for a digest or a first visit. */
export function defaultFilters(
  filters: Readonly<Record<string, Filter>>,
  today: string,
): FilterValues {
  return resolveFilters(filters, new URLSearchParams(), { today });
}

interface PeriodInput {
  readonly name: string;
  readonly filter: PeriodFilter;
  readonly address: URLSearchParams;
  readonly today: string;
  readonly notices: string[];
}

function resolvePeriod({ name, filter, address, today, notices }: PeriodInput): FilterValue {
  const fallback = presetPeriod(filter.default, today);
  const from = address.get(`${name}_from`) ?? '';
  const to = address.get(`${name}_to`) ?? '';
  const label = filter.label ?? name;
  const preset = address.get(name) ?? '';
  const known = periodPresets.find((candidate) => candidate === preset.toLowerCase().trim());
  if (known !== undefined) {
    const chosen = presetPeriod(known, today);
    // The form sends its dates along with the preset; they count when the reader has changed them.
    const unchanged = from === chosen.from && to === chosen.to;
    if (unchanged || (from === '' && to === '')) return { kind: 'period', ...chosen };
  } else if (preset !== '') {
    const meant = suggest(preset, filter.presets);
    notices.push(
      `${label}: '${clip(preset)}' is not a period${meant === undefined ? '' : `; did you mean '${meant}'?`}; showing ${filter.default}.`,
    );
    return { kind: 'period', ...fallback };
  }
  if (from === '' && to === '') return { kind: 'period', ...fallback };
  for (const day of [from, to]) {
    if (day === '' || isDay(day)) continue;
    notices.push(
      `${label}: '${clip(day)}' is not a day written YYYY-MM-DD; showing ${filter.default}.`,
    );
    return { kind: 'period', ...fallback };
  }
  // One day alone is a period open at the other end.
  const all = presetPeriod('all', today);
  const range = { from: from === '' ? all.from : from, to: to === '' ? all.to : to };
  if (range.from > range.to) {
    notices.push(
      `${label}: ${range.from} is after ${range.to}; showing the days between them all the same.`,
    );
    return { kind: 'period', ...dayPeriod({ from: range.to, to: range.from }) };
  }
  return { kind: 'period', ...dayPeriod(range) };
}

interface ChoiceInput {
  readonly name: string;
  readonly filter: ChoiceFilter;
  readonly address: URLSearchParams;
  readonly allowed: readonly string[] | undefined;
  readonly notices: string[];
}

function resolveChoice({ name, filter, address, allowed, notices }: ChoiceInput): FilterValue {
  const fallback = filter.default ?? null;
  const given = address.get(name);
  if (given === null) return { kind: 'choice', value: fallback };
  if (given === allChoices) return { kind: 'choice', value: null };
  const known = filter.values ?? allowed;
  if (known === undefined || known.includes(given)) return { kind: 'choice', value: given };
  const meant = suggest(given, known);
  notices.push(
    `${filter.label ?? name}: there is no '${clip(given)}'${meant === undefined ? '' : `; did you mean '${meant}'?`}; showing ${fallback ?? 'all'}.`,
  );
  return { kind: 'choice', value: fallback };
}

/** The `:name` parameters a tile's SQL may use. */
export function filterParameters(values: FilterValues, shift: PeriodShift = 'none'): Parameters {
  const parameters: Record<string, Parameters[string]> = {
    today: { value: values.today, type: 'date' },
  };
  for (const [name, value] of Object.entries(values.values)) {
    if (value.kind === 'choice') {
      parameters[name] = { value: value.value, type: 'text' };
      continue;
    }
    const range = shiftedRange(value, shift, values.today);
    parameters[`${name}_from`] = { value: range?.from ?? null, type: 'date' };
    parameters[`${name}_to`] = { value: range?.to ?? null, type: 'date' };
  }
  return parameters;
}

function shiftedRange(period: Period, shift: PeriodShift, today: string): DayRange | undefined {
  switch (shift) {
    case 'none':
      return period;
    case 'previous period':
      return period.previous;
    case 'previous year':
      return period.previousYear;
    case 'all until today':
      return { ...presetPeriod('all', today), to: today };
  }
}

/**
 * The one address of the chosen values, for bookmarks and mails. A preset is named even where it is
 * the default, and stays what it is called: "last 12 months" moves on with the calendar.
 */
export function filterAddress(
  filters: Readonly<Record<string, Filter>>,
  values: FilterValues,
): URLSearchParams {
  const address = new URLSearchParams();
  for (const [name, filter] of Object.entries(filters)) {
    const value = values.values[name];
    if (value === undefined) continue;
    if (value.kind === 'choice') {
      const fallback = filter.kind === 'choice' ? (filter.default ?? null) : null;
      if (value.value !== fallback) address.set(name, value.value ?? allChoices);
    } else if (value.preset === undefined) {
      address.set(`${name}_from`, value.from);
      address.set(`${name}_to`, value.to);
    } else {
      address.set(name, value.preset);
    }
  }
  return address;
}

/** What an address holds may be a megabyte; a sentence about it is not. */
function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
