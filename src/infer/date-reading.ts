import type { RunCounts, SeenCell, ShapeCounts } from './shape-counts.ts';

/** The order of the parts of a date. */
export type DateOrder = 'year first' | 'day first' | 'month first';

/** A way to read the dates of a column. */
export interface DateReading {
  readonly order: DateOrder;
  /** As a column declares it; undefined for ISO 8601, which needs none. */
  readonly format: string | undefined;
}

/** Texts of a column that are dates, or dates and times, written in one way. */
export interface DateTexts {
  readonly count: number;
  /** What is written beside the date: a time of day, and how far it is from UTC. */
  readonly hasTime: boolean;
  readonly hasOffset: boolean;
  /** Every time is midnight. */
  readonly isMidnight: boolean;
  /** All readings in which every date exists; none when orders are mixed. */
  readonly readings: readonly DateReading[];
  /** The cells that leave the others out. */
  readonly proofs: readonly SeenCell[];
  readonly first: SeenCell;
  /** Written as eight digits, which is a number as well. */
  readonly isCompact: boolean;
}

/** Times of day of a column. */
export interface TimeTexts {
  readonly count: number;
  readonly format: string | undefined;
  /** Hours beyond 23: lengths of time. */
  readonly isDuration: boolean;
  readonly first: SeenCell;
}

const any = '[01349]';
const clock = String.raw`(?<hour>${any}):(?<minute>${any})(?::(?<second>${any})(?:(?<point>[.,])(?<fraction>${any}))?)?(?<space> ?)(?<half>a)?`;
const datePattern = new RegExp(
  String.raw`^(?:(?<one>${any})(?<s1>[-/. ]|\. )(?<two>${any})(?<s2>[-/. ]|\. )(?<three>${any})` +
    String.raw`|(?<first>${any})(?<n1>[-/. ]|\. )(?<name>[ML]\.?)(?<n2>[-/. ]|, )(?<last>${any})` +
    String.raw`|(?<us>[ML]\.?) (?<usDay>${any})(?<usMark>,? )(?<usYear>${any})` +
    String.raw`|(?<compact>9))` +
    String.raw`(?:(?<gap>T|,? )${clock}(?<offset> ?(?:Z|[-+]${any}(?::?${any})?))?)?$`,
  'u',
);
const timePattern = new RegExp(`^${clock}$`, 'u');

type Groups = Readonly<Record<string, string | undefined>>;

/** Shapes that differ in nothing but how long their numbers are. */
interface DateGroup {
  readonly groups: Groups;
  readonly shapes: ShapeCounts[];
  readonly runs: RunCounts[];
  count: number;
}

/** The way most dates of a column are written; undefined when it has none. */
export function readDateShapes(shapes: readonly ShapeCounts[]): DateTexts | undefined {
  const ways = new Map<string, DateGroup>();
  const hasLong = shapes.some(({ pattern }) => pattern.includes('L'));
  for (const each of shapes) {
    // May is short and long: it is what the other months are.
    const shape = { ...each, pattern: each.pattern.replace('Y', hasLong ? 'L' : 'M') };
    const groups = datePattern.exec(shape.pattern)?.groups;
    if (groups === undefined || !isPlausible(groups, shape)) continue;
    const key = wayOf(groups, shape);
    const known = ways.get(key) ?? { groups, shapes: [], runs: [], count: 0 };
    ways.set(key, known);
    known.shapes.push(shape);
    known.count += shape.count;
    mergeRuns(known.runs, shape.runs);
  }
  const [way] = [...ways.values()].toSorted((a, b) => b.count - a.count);
  return way === undefined ? undefined : textsOf(way);
}

export function readTimeShapes(shapes: readonly ShapeCounts[]): TimeTexts | undefined {
  const found = shapes.flatMap((shape) => {
    const groups = timePattern.exec(shape.pattern)?.groups;
    return groups === undefined || !isClock(shape.runs, 0) ? [] : [{ shape, groups }];
  });
  const [first] = found;
  if (first === undefined) return undefined;
  const runs: RunCounts[] = [];
  for (const { shape } of found) mergeRuns(runs, shape.runs);
  const count = found.reduce((sum, { shape }) => sum + shape.count, 0);
  const longest = found.toSorted((a, b) => b.shape.runs.length - a.shape.runs.length)[0] ?? first;
  const halves = found.some(({ groups }) => groups['half'] !== undefined);
  const isIso = !halves && (runs[0]?.lengthMin ?? 0) === 2;
  return {
    count,
    format: isIso ? undefined : clockFormat(longest.groups, runs, 0),
    isDuration: (runs[0]?.max ?? 0) > 23,
    first: first.shape.first,
  };
}

/** Two texts are written alike when their parts, marks and lengths of years are. */
function wayOf(groups: Groups, { pattern, runs }: ShapeCounts): string {
  const years = groups['one'] === undefined ? '' : runs.slice(0, 3).map((run) => run.lengthMax > 2);
  return `${pattern.replaceAll(/[01349]/gu, '9')} ${String(years)}`;
}

/** Left out early: what is a number, a version or an address rather than a date. */
function isPlausible(groups: Groups, shape: ShapeCounts): boolean {
  const { runs } = shape;
  const lengths = runs.map(({ lengthMax }) => lengthMax);
  const dateRuns = groups['compact'] !== undefined ? 1 : groups['one'] !== undefined ? 3 : 2;
  if (groups['hour'] !== undefined && !isClock(runs, dateRuns)) return false;
  if (groups['compact'] !== undefined) return shape.compactDays === shape.count;
  if (groups['one'] === undefined)
    return lengths.slice(0, 2).some((length) => length === 4 || length === 2);
  if (groups['s1'] !== groups['s2']) return false;
  const long = lengths.slice(0, 3).filter((length) => length > 2);
  const isYear = lengths[0] === 4 || lengths[2] === 4;
  if (long.length > 1 || (long.length === 1 && !isYear)) return false;
  return long.length === 1 || runs.slice(0, 3).every(({ lengthMax }) => lengthMax <= 2);
}

const isClock = (runs: readonly RunCounts[], from: number): boolean =>
  runs.slice(from, from + 2).every(({ lengthMax }) => lengthMax <= 2) &&
  runs[from + 1]?.lengthMin === 2 &&
  (runs[from + 1]?.max ?? 60) < 60;

function mergeRuns(into: RunCounts[], runs: readonly RunCounts[]): void {
  for (const [index, run] of runs.entries()) {
    const known = into[index];
    if (known === undefined) {
      into[index] = { ...run };
      continue;
    }
    known.lengthMin = Math.min(known.lengthMin, run.lengthMin);
    known.lengthMax = Math.max(known.lengthMax, run.lengthMax);
    if (run.max > known.max) {
      known.max = run.max;
      known.maxCell = run.maxCell;
    }
  }
}

function textsOf(way: DateGroup): DateTexts {
  const { groups, runs, count } = way;
  const hasTime = groups['hour'] !== undefined;
  const dateRuns = groups['compact'] !== undefined ? 1 : groups['one'] !== undefined ? 3 : 2;
  const clockRuns = runs.slice(dateRuns).slice(0, hasTime ? clockRunCount(groups) : 0);
  const readings = readingsOf(way, dateRuns);
  return {
    count,
    hasTime,
    hasOffset: groups['offset'] !== undefined,
    isMidnight:
      hasTime &&
      groups['half'] === undefined &&
      groups['offset'] === undefined &&
      clockRuns.every(({ max }) => max === 0),
    readings,
    proofs: proofsOf(way),
    first: way.shapes[0]?.first ?? { text: '', line: 0 },
    isCompact: groups['compact'] !== undefined,
  };
}

const clockRunCount = (groups: Groups): number =>
  ['hour', 'minute', 'second', 'fraction'].filter((name) => groups[name] !== undefined).length;

/** The orders in which no day is beyond 31 and no month beyond 12, as formats. */
function readingsOf({ groups, runs }: DateGroup, dateRuns: number): DateReading[] {
  const time = groups['hour'] === undefined ? '' : timeOf(groups, runs, dateRuns);
  return possibleOrders(groups, runs).map((order) => {
    const date = dateFormat(groups, runs, order);
    const isIso =
      date === 'yyyy-MM-dd' && /^(?:|(?:T| )HH:mm(?::ss(?:[.,]S+)?)?(?:XXX)?)$/u.test(time);
    return { order, format: isIso ? undefined : date + time };
  });
}

function possibleOrders(groups: Groups, runs: readonly RunCounts[]): DateOrder[] {
  if (groups['compact'] !== undefined) return ['year first'];
  if (groups['us'] !== undefined) return ['month first'];
  const [one, two, three] = runs;
  if (one === undefined || two === undefined) return [];
  if (groups['name'] !== undefined) {
    const orders: DateOrder[] = [];
    if (one.max <= 31 && one.lengthMax <= 2 && isYear(two)) orders.push('day first');
    if (two.max <= 31 && two.lengthMax <= 2 && isYear(one)) orders.push('year first');
    return orders;
  }
  if (three === undefined) return [];
  const isDay = ({ max, lengthMax }: RunCounts): boolean => max <= 31 && lengthMax <= 2;
  const isMonth = ({ max, lengthMax }: RunCounts): boolean => max <= 12 && lengthMax <= 2;
  const orders: DateOrder[] = [];
  if (isDay(one) && isMonth(two) && isYear(three)) orders.push('day first');
  if (isMonth(one) && isDay(two) && isYear(three)) orders.push('month first');
  if (isYear(one) && isMonth(two) && isDay(three)) orders.push('year first');
  return orders;
}

/** Four digits, or two always. */
const isYear = ({ lengthMin, lengthMax }: RunCounts): boolean =>
  lengthMin === lengthMax && (lengthMax === 4 || lengthMax === 2);

function dateFormat(groups: Groups, runs: readonly RunCounts[], order: DateOrder): string {
  if (groups['compact'] !== undefined) return 'yyyyMMdd';
  const day = (run: RunCounts | undefined): string => (run?.lengthMin === 2 ? 'dd' : 'd');
  const month = (run: RunCounts | undefined): string => (run?.lengthMin === 2 ? 'MM' : 'M');
  const year = (run: RunCounts | undefined): string => (run?.lengthMax === 4 ? 'yyyy' : 'yy');
  const [one, two, three] = runs;
  const named = groups['us'] ?? groups['name'];
  if (named !== undefined) {
    const name = named.replace('M', 'MMM').replace('L', 'MMMM');
    if (groups['us'] !== undefined) {
      return `${name} ${day(one)}${groups['usMark'] ?? ' '}${year(two)}`;
    }
    const marks = [groups['n1'] ?? '', groups['n2'] ?? ''];
    return order === 'day first'
      ? `${day(one)}${marks[0]}${name}${marks[1]}${year(two)}`
      : `${year(one)}${marks[0]}${name}${marks[1]}${day(two)}`;
  }
  const [s1 = '', s2 = ''] = [groups['s1'], groups['s2']];
  switch (order) {
    case 'day first':
      return `${day(one)}${s1}${month(two)}${s2}${year(three)}`;
    case 'month first':
      return `${month(one)}${s1}${day(two)}${s2}${year(three)}`;
    case 'year first':
      return `${year(one)}${s1}${month(two)}${s2}${day(three)}`;
  }
}

function timeOf(groups: Groups, runs: readonly RunCounts[], from: number): string {
  const gap = groups['gap'] ?? '';
  // The space that may stand before AM is taken by the clock, whatever follows it.
  const isApart = groups['half'] === undefined && groups['space'] === ' ';
  const offset = isApart || groups['offset']?.startsWith(' ') === true ? ' XXX' : 'XXX';
  return `${gap}${clockFormat(groups, runs, from)}${groups['offset'] === undefined ? '' : offset}`;
}

function clockFormat(groups: Groups, runs: readonly RunCounts[], from: number): string {
  const half = groups['half'] !== undefined;
  const hour = (half ? 'h' : 'H').repeat(runs[from]?.lengthMin === 2 ? 2 : 1);
  const second = groups['second'] === undefined ? '' : ':ss';
  const fraction =
    groups['fraction'] === undefined
      ? ''
      : `${groups['point'] ?? '.'}${'S'.repeat(runs[from + 3]?.lengthMax ?? 3)}`;
  return `${hour}:mm${second}${fraction}${half ? `${groups['space'] ?? ''}a` : ''}`;
}

/** The cells that show which part is the day: those with a number beyond 12, or 31. */
function proofsOf({ groups, runs }: DateGroup): SeenCell[] {
  if (groups['one'] === undefined) return [];
  const [one, two, three] = runs;
  const beyond = [one, two, three].flatMap((run) =>
    run !== undefined && run.max > 12 && run.lengthMax <= 2 ? [run] : [],
  );
  return beyond.toSorted((a, b) => b.max - a.max).map(({ maxCell }) => maxCell);
}
