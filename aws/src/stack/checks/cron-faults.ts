interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names in place of numbers, the first for `min`. */
  readonly names?: readonly string[];
  /** Whole values of this field alone: `L`, `15W`. */
  readonly special?: RegExp;
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based */
const fields: readonly [Field, Field, Field, Field, Field, Field] = [
  { name: 'minutes', min: 0, max: 59 },
  { name: 'hours', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31, special: /^(?:\?|L|(?:[1-9]|[12]\d|3[01])W)$/ },
  {
    name: 'month',
    min: 1,
    max: 12,
    names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  },
  {
    name: 'day of week',
    min: 1,
    max: 7,
    names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
    special: /^(?:\?|L|[1-7]L|[1-7]#[1-5])$/,
  },
  { name: 'year', min: 1970, max: 2199 },
];

/**
 * What EventBridge Scheduler would refuse, or understand otherwise than it looks, in an expression:
 * CDK passes on whatever it is given. `rate(…)` is refused too, since it drifts against the clock.
 */
export function expressionFaults(expression: string): readonly string[] {
  const at = /^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)$/.exec(expression)?.[1];
  if (at !== undefined) return isDate(at) ? [] : [`${at} is no date`];
  const inside = /^cron\((.*)\)$/.exec(expression)?.[1];
  if (inside === undefined) return ['expected cron(six fields) or at(yyyy-mm-ddThh:mm:ss)'];
  const parts = inside.split(' ');
  if (parts.length !== 6) {
    return [
      `cron has ${parts.length} fields; expected six: ${fields.map(({ name }) => name).join(', ')}`,
    ];
  }
  const faults = fields.flatMap((field, index) => fieldFaults(field, parts[index] ?? ''));
  const [, , dayOfMonth, , dayOfWeek] = parts;
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    faults.push('expected ? as day of month or as day of week, and not as both');
  }
  return faults;
}

function isDate(text: string): boolean {
  const time = Date.parse(`${text}Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function fieldFaults(field: Field, text: string): string[] {
  if (field.special?.test(text) === true) return [];
  return text.split(',').flatMap((part) => {
    const [range = '', step, ...more] = part.split('/');
    const isStep = step === undefined || (/^[1-9]\d*$/.test(step) && Number(step) <= field.max);
    if (isStep && more.length === 0 && isRange(field, range)) return [];
    return [`'${text}' is no ${field.name}; expected ${field.min} to ${field.max}`];
  });
}

function isRange(field: Field, range: string): boolean {
  if (range === '*') return true;
  const ends = range.split('-').map((end) => valueOf(field, end));
  const [from, to = from] = ends;
  return ends.length <= 2 && from !== undefined && to !== undefined && !ends.includes(undefined);
}

function valueOf({ min, max, names = [] }: Field, text: string): number | undefined {
  const named = names.indexOf(text.toUpperCase());
  if (named !== -1) return min + named;
  if (!/^\d{1,4}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}
