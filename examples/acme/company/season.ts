import { type Day, daysBetween, weekday, yearOf } from './dates.ts';
import type { Plan } from './made.ts';
import { createRandom } from './random.ts';

/** Construction slows down in winter and in the summer holidays. */
const byMonth = [0.76, 0.85, 1.02, 1.09, 1.13, 1.1, 1, 0.9, 1.1, 1.13, 1.05, 0.79];
/** Monday to Sunday. */
const byWeekday = [1.14, 1.1, 1.06, 1, 0.84, 0.22, 0];

/**
 * How busy a day is, around 1 on a working day: growth from year to year, season, weekday, and the
 * luck of the month.
 */
export function busyness(plan: Plan, day: Day, topic: string): number {
  const week = byWeekday[weekday(day)] ?? 0;
  const season = byMonth[Number(day.slice(5, 7)) - 1] ?? 1;
  return week * season * growth(plan, day) * luck(plan, day, topic);
}

/** Eight to fifteen percent a year, compounded day by day. */
function growth(plan: Plan, day: Day): number {
  let level = 1;
  for (let year = yearOf(plan.from); year <= yearOf(day); year += 1) {
    const rate = 0.08 + createRandom(plan.seed, 'growth', year).next() * 0.07;
    const into = year < yearOf(day) ? 1 : daysBetween(`${year}-01-01`, day) / 365;
    level *= (1 + rate) ** into;
  }
  return level;
}

function luck(plan: Plan, day: Day, topic: string): number {
  return 1 + 0.035 * createRandom(plan.seed, 'luck', topic, day.slice(0, 7)).normal();
}
