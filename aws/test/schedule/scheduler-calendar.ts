import { Temporal } from 'temporal-polyfill';

/**
 * When EventBridge Scheduler fires a cron expression, written from its documentation and from nothing
 * of ours: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 *
 * Six fields: minutes 0–59, hours 0–23, day of month 1–31, month 1–12, day of week 1–7 or SUN–SAT,
 * year. One of the two day fields is `?`, and only one. A local time that does not exist is skipped;
 * one that comes twice fires once, and which of the two is not said.
 */
export function firingsBetween(
  expression: string,
  options: {
    readonly zone: string;
    readonly from: string;
    readonly to: string;
    readonly repeated: 'earlier' | 'later';
  },
): readonly string[] {
  const fields = parseExpression(expression);
  const [from, to] = [Temporal.PlainDate.from(options.from), Temporal.PlainDate.from(options.to)];
  const found: string[] = [];
  for (let day = from; Temporal.PlainDate.compare(day, to) < 0; day = day.add({ days: 1 })) {
    if (!fields.isDay(day)) continue;
    for (const hour of fields.hours) {
      for (const minute of fields.minutes) {
        const local = day.toPlainDateTime({ hour, minute });
        const zoned = local.toZonedDateTime(options.zone, { disambiguation: options.repeated });
        if (zoned.toPlainDateTime().equals(local)) found.push(zoned.toInstant().toString());
      }
    }
  }
  return found;
}

const months = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const weekdays = 'SUN MON TUE WED THU FRI SAT'.split(' ');

function parseExpression(expression: string) {
  if (expression.length > 256) throw new Error(`${expression.length} characters: ${expression}`);
  const inner = /^cron\(([^()]+)\)$/.exec(expression)?.[1];
  const texts = inner?.split(' ') ?? [];
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = texts;
  if (texts.length !== 6) throw new Error(`${texts.length} fields: ${expression}`);
  if (year !== '*') throw new Error(`a year: ${expression}`);
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) throw new Error(`one ? is due: ${expression}`);
  const inMonth = listOf(month, 1, 12, months);
  const onDays = dayOfMonth === '?' || dayOfMonth === 'L' ? [] : listOf(dayOfMonth, 1, 31, []);
  // Sunday is 1.
  const onWeekdays = dayOfWeek === '?' ? [] : listOf(dayOfWeek, 1, 7, weekdays);
  return {
    minutes: listOf(minute, 0, 59, []),
    hours: listOf(hour, 0, 23, []),
    isDay: (day: Temporal.PlainDate): boolean => {
      if (!inMonth.includes(day.month)) return false;
      if (dayOfWeek !== '?') return onWeekdays.includes((day.dayOfWeek % 7) + 1);
      return dayOfMonth === 'L' ? day.day === day.daysInMonth : onDays.includes(day.day);
    },
  };
}

function listOf(text: string, min: number, max: number, names: readonly string[]): number[] {
  const valueOf = (word: string): number => {
    const index = names.indexOf(word);
    const value = index === -1 && /^\d+$/.test(word) ? Number(word) : index + min;
    if (index === -1 && !/^\d+$/.test(word)) throw new Error(`what is ${word}?`);
    if (value < min || value > max) throw new Error(`${word} is not within ${min}-${max}`);
    return value;
  };
  return text.split(',').flatMap((part) => {
    const [first = '', last, ...more] = part === '*' ? [String(min), String(max)] : part.split('-');
    if (more.length > 0) throw new Error(`what is ${part}?`);
    const [from, to] = [valueOf(first), valueOf(last ?? first)];
    if (from > to) throw new Error(`${part} runs backwards`);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}
