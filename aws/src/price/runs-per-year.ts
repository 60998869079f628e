import { parseCron } from 'plumbline/runtime';
import type { Schedule } from 'plumbline/runtime';

/**
 * How often a schedule is due in a year of 365 days, as a fraction: every two weeks is 365 in 14.
 */
export function runsPerYear(schedule: Schedule): { readonly runs: bigint; readonly of: bigint } {
  switch (schedule.kind) {
    case 'daily':
      return { runs: 365n, of: 1n };
    case 'weekly':
      return { runs: 365n, of: 7n * BigInt(schedule.weeks) };
    case 'monthly':
      return { runs: 12n, of: 1n };
    case 'cron': {
      const fields = parseCron(schedule.expression);
      const days = daysOf(fields);
      return { runs: BigInt(days * fields.hours.length * fields.minutes.length), of: 1n };
    }
  }
}

/** Days of 2026, which has 365, on which a cron expression is due. */
function daysOf(fields: ReturnType<typeof parseCron>): number {
  let days = 0;
  for (let day = 0; day < 365; day += 1) {
    const date = new Date(Date.UTC(2026, 0, 1 + day));
    if (!fields.months.includes(date.getUTCMonth() + 1)) continue;
    const inMonth = fields.daysOfMonth.includes(date.getUTCDate());
    const inWeek = fields.daysOfWeek.includes(date.getUTCDay());
    if (fields.eitherDay ? inMonth || inWeek : inMonth && inWeek) days += 1;
  }
  return days;
}
