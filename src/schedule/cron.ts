import type { Schedule } from '../contract/schedule.ts';
import { PlumblineError } from '../errors.ts';

/** A parsed cron expression: for each field the values it allows, ascending. */
export interface CronFields {
  /** 0 to 59. */
  readonly minutes: readonly number[];
  /** 0 to 23. */
  readonly hours: readonly number[];
  /** 1 to 31. */
  readonly daysOfMonth: readonly number[];
  /** 1 to 12. */
  readonly months: readonly number[];
  /** 0 (Sunday) to 6; Sunday written as 7 is 0 here. */
  readonly daysOfWeek: readonly number[];
  /**
   * True when both day fields are restricted: a day is then due if either matches. False: both must
   * match. As in Vixie cron a field is unrestricted when it starts with a star, a stepped star
   * included.
   */
  readonly eitherDay: boolean;
}

interface FieldRule {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  /** Three-letter names; the first stands for `min`. */
  readonly names: readonly string[];
}

const monthNames = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const weekdayNames = 'sun mon tue wed thu fri sat'.split(' ');

const fieldRules = {
  minute: { label: 'minute', min: 0, max: 59, names: [] },
  hour: { label: 'hour', min: 0, max: 23, names: [] },
  dayOfMonth: { label: 'day of month', min: 1, max: 31, names: [] },
  month: { label: 'month', min: 1, max: 12, names: monthNames },
  dayOfWeek: { label: 'day of week', min: 0, max: 7, names: weekdayNames },
} as const satisfies Record<string, FieldRule>;

/** 29 February counts: it comes often enough to be meant. */
const longestMonthDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * A schedule in the five fields of crontab(5): minute, hour, day of month, month, day of week, e.g.
 * `cron('0 6 * * 1-5')`. Fields take numbers, names (`jan`, `mon`), ranges `1-5`, lists `1,15` and
 * steps over a star or a range (`8-18/2`); Sunday is 0 or 7. When both day fields are
 * restricted, either may match. Times are meant in the company's zone.
 *
 * @throws PlumblineError `schedule-invalid`, naming the field, the value and the range allowed.
 */
export function cron(expression: string): Schedule {
  const normalized = expression.trim().split(/\s+/).join(' ');
  parseCron(normalized);
  return { kind: 'cron', expression: normalized };
}

/** Reads a cron expression; throws as `cron` does. */
export function parseCron(expression: string): CronFields {
  const texts = expression.trim().split(/\s+/);
  const [minute, hour, dayOfMonth, month, dayOfWeek] = texts;
  if (
    minute === undefined ||
    hour === undefined ||
    dayOfMonth === undefined ||
    month === undefined ||
    dayOfWeek === undefined ||
    texts.length !== 5
  ) {
    const count = texts[0] === '' ? 0 : texts.length;
    throw invalid(expression, {
      problem: `it has ${count} ${count === 1 ? 'field' : 'fields'}`,
      expected: 'five: minute, hour, day of month, month, day of week',
    });
  }
  const field = (text: string, rule: FieldRule): number[] => parseField(expression, text, rule);
  const weekdays = field(dayOfWeek, fieldRules.dayOfWeek).map((day) => day % 7);
  const fields: CronFields = {
    minutes: field(minute, fieldRules.minute),
    hours: field(hour, fieldRules.hour),
    daysOfMonth: field(dayOfMonth, fieldRules.dayOfMonth),
    months: field(month, fieldRules.month),
    daysOfWeek: ascending(new Set(weekdays)),
    eitherDay: !dayOfMonth.startsWith('*') && !dayOfWeek.startsWith('*'),
  };
  refuseImpossibleDate(expression, fields);
  return fields;
}

function parseField(expression: string, text: string, rule: FieldRule): number[] {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    for (const value of parsePart(expression, part, rule)) values.add(value);
  }
  return ascending(values);
}

// One element of a list: *, */n, a, a-b or a-b/n.
function parsePart(expression: string, part: string, rule: FieldRule): number[] {
  const { label, min, max } = rule;
  const fail = (problem: string, expected: string): PlumblineError =>
    invalid(expression, { problem: `${label} ${problem}`, expected });
  const [range = '', stepText, ...rest] = part.split('/');
  const [fromText = '', toText, ...more] = range.split('-');
  if (rest.length > 0 || more.length > 0 || range === '') {
    throw fail(`has "${part}"`, 'a number, a range a-b, * or a step such as */10');
  }
  const everything = range === '*';
  if (stepText !== undefined && !everything && toText === undefined) {
    throw fail(`has "${part}"`, `a step over * or a range, e.g. ${range}-${max}/${stepText}`);
  }
  const read = (text: string, isEnd: boolean): number => {
    const value = numberOf(text, rule, isEnd);
    if (value === undefined || value < min || value > max) {
      throw fail(`has "${text}"`, allowed(rule));
    }
    return value;
  };
  const from = everything ? min : read(fromText, false);
  const to = everything ? max : toText === undefined ? from : read(toText, true);
  if (from > to) throw fail(`has the range "${range}"`, 'the smaller value first');
  const step = stepText === undefined ? 1 : /^\d{1,4}$/.test(stepText) ? Number(stepText) : 0;
  if (step < 1 || step > max) throw fail(`has the step "/${stepText}"`, `a step of 1 to ${max}`);
  const values: number[] = [];
  for (let value = from; value <= to; value += step) values.push(value);
  return values;
}

/** The number a text stands for. `sun` ends a range as 7, so that `fri-sun` means what it says. */
function numberOf(text: string, rule: FieldRule, isEnd: boolean): number | undefined {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  const index = rule.names.indexOf(text.toLowerCase());
  if (index === -1) return undefined;
  return rule === fieldRules.dayOfWeek && isEnd && index === 0 ? 7 : rule.min + index;
}

function allowed(rule: FieldRule): string {
  const [first] = rule.names;
  const names = first === undefined ? '' : ` or ${first} to ${rule.names.at(-1)}`;
  return `${rule.min} to ${rule.max}${names}`;
}

/** `0 0 31 2 *` names a date that no calendar has; waiting for it forever helps nobody. */
function refuseImpossibleDate(expression: string, fields: CronFields): void {
  if (fields.eitherDay) return;
  const longest = Math.max(...fields.months.map((month) => longestMonthDays[month - 1] ?? 31));
  if (fields.daysOfMonth.some((day) => day <= longest)) return;
  throw invalid(expression, {
    problem: `day of month has ${fields.daysOfMonth.join(',')}, which month ${fields.months.join(',')} never has`,
    expected: `a day up to ${longest}, or every.month().onDay('last')`,
  });
}

function ascending(values: ReadonlySet<number>): number[] {
  return [...values].sort((a, b) => a - b);
}

function invalid(
  expression: string,
  { problem, expected }: { problem: string; expected: string },
): PlumblineError {
  return new PlumblineError('schedule-invalid', {
    message: `cron('${expression}'): ${problem}; expected ${expected}`,
  });
}
