import { type Client, clients, salesPeople } from './catalogue.ts';
import { clientWeights } from './client-weights.ts';
import { addDays, type Day, daysFrom, yearOf } from './dates.ts';
import type { MadeDelivery, MadeRow, Plan, Wrong } from './made.ts';
import { type Cents, plain } from './money.ts';
import { createRandom, type Random } from './random.ts';
import { busyness } from './season.ts';

const recordsWanted = 60_000;
const wrongShare = 0.016;
/** How often a record was changed again later: the API then lists it twice while one reads it. */
const changedShare = 0.004;

const kinds = ['call', 'visit', 'quote', 'demo', 'trade fair'] as const;
const kindWeights = [46, 24, 20, 9, 1];
/** Usual expense in cents, and minutes, by kind. */
const usual = {
  call: { expense: 0, minutes: 12 },
  visit: { expense: 3900, minutes: 75 },
  quote: { expense: 0, minutes: 35 },
  demo: { expense: 2600, minutes: 60 },
  'trade fair': { expense: 64_000, minutes: 420 },
} as const;

/** A record of the API: what it says, when it changed, and what should become of it. */
export interface ActivityRecord extends MadeRow {
  /** ISO instant; records are listed by it. */
  readonly updatedAt: string;
  readonly id: number;
  /** Its JSON. */
  readonly json: string;
}

interface Activity {
  readonly id: number;
  readonly at: string;
  readonly updatedAt: string;
  readonly kind: (typeof kinds)[number];
  readonly client: Client;
  readonly owner: string;
  readonly minutes: number;
  readonly expense: Cents | undefined;
  readonly outcome: string;
}

/** All records in the order in which the API lists them. */
export function makeActivities(plan: Plan): ActivityRecord[] {
  const days = daysFrom(plan.from, plan.until);
  const busy = days.map((day) => busyness(plan, day, 'activity'));
  const perUnit = (plan.scale * recordsWanted) / busy.reduce((sum, each) => sum + each, 0);
  const records: ActivityRecord[] = [];
  let id = 100_000;
  for (const [index, day] of days.entries()) {
    const random = createRandom(plan.seed, 'activity', day);
    const count = Math.round((busy[index] ?? 0) * perUnit * (1 + 0.06 * random.normal()));
    const weights = clientWeights(plan, yearOf(day));
    for (let i = 0; i < count; i += 1) {
      id += 1;
      records.push(...makeRecords(makeActivity({ id, day, random, weights, plan }), random));
    }
  }
  return records.sort(
    (a, b) => (a.updatedAt < b.updatedAt ? -1 : Number(a.updatedAt > b.updatedAt)) || a.id - b.id,
  );
}

/** Records on a page of the API. */
export const pageSize = 1000;
/**
 * Every so many pages begin again with the last record of the page before: what happens when
 * records change while they are read.
 */
const repeatEvery = 7;

/** Which records are on the page that begins at `start`, of a window that begins at `from`: first, end. */
export function pageRange(
  count: number,
  { from, start }: { from: number; start: number },
): readonly [first: number, end: number] {
  const repeats = start > from && ((start - from) / pageSize) % repeatEvery === 0;
  return [repeats ? start - 1 : start, Math.min(count, start + pageSize)];
}

/** The one window an API source reads at first: all pages, with what they repeat. */
export function activityDelivery(plan: Plan, records: readonly ActivityRecord[]): MadeDelivery {
  const rows: ActivityRecord[] = [];
  for (let start = 0; start < records.length; start += pageSize) {
    rows.push(...records.slice(...pageRange(records.length, { from: 0, start })));
  }
  return {
    source: 'activity',
    slot: 'all',
    deliveredOn: plan.until,
    rows,
    bytes: undefined,
  };
}

function makeActivity(given: {
  readonly id: number;
  readonly day: Day;
  readonly random: Random;
  readonly weights: readonly number[];
  readonly plan: Plan;
}): Activity {
  const { id, day, random, weights, plan } = given;
  const kind = random.weighted(kinds, kindWeights);
  const { expense, minutes } = usual[kind];
  const at = instant(day, random.int(6 * 60, 16 * 60), random.int(0, 59));
  const laterDay = addDays(day, random.int(0, 5));
  const later = instant(laterDay, random.int(16 * 60 + 1, 20 * 60), random.int(0, 59));
  const price = 1.03 ** (yearOf(day) - yearOf(plan.from));
  return {
    id,
    at,
    updatedAt: laterDay < plan.until ? later : instant(day, 16 * 60 + 30, random.int(0, 59)),
    kind,
    client: random.weighted(clients, weights),
    owner: random.pick(salesPeople),
    minutes: Math.max(3, Math.round((minutes * Math.exp(0.35 * random.normal())) / 3) * 3),
    expense:
      expense === 0 ? undefined : Math.round(expense * price * Math.exp(0.4 * random.normal())),
    outcome: random.weighted(['none', 'follow-up', 'order', 'lost'], [44, 33, 17, 6]),
  };
}

function makeRecords(activity: Activity, random: Random): ActivityRecord[] {
  const record = makeRecord(activity);
  if (random.chance(changedShare)) {
    const updatedAt = `${activity.updatedAt.slice(0, 17)}59Z`;
    return [record, makeRecord({ ...activity, updatedAt, outcome: 'order' })];
  }
  return [random.chance(wrongShare) ? makeWrong(record, activity, random) : record];
}

function makeRecord(activity: Activity): ActivityRecord {
  const { client, expense } = activity;
  // Written by hand so that an amount keeps its cents: JSON.stringify makes 8.5 of 8.50.
  const json = `{"id":${activity.id},"updated_at":"${activity.updatedAt}","occurred_at":"${activity.at}","kind":"${activity.kind}","client":{"number":"${client.number}","name":${JSON.stringify(client.name)},"region":"${client.region}"},"owner":{"name":"${activity.owner}"},"minutes":${activity.minutes},"expense":${expense === undefined ? 'null' : `{"amount":${plain(expense)},"currency":"EUR"}`},"outcome":"${activity.outcome}"}`;
  return {
    id: activity.id,
    updatedAt: activity.updatedAt,
    json,
    key: String(activity.id),
    content: json,
    sums: { minutes: activity.minutes * 100, expense: expense ?? 0 },
  };
}

function makeWrong(record: ActivityRecord, activity: Activity, random: Random): ActivityRecord {
  const change = (wrong: Wrong, from: string, to: string): ActivityRecord => ({
    ...record,
    json: record.json.replace(from, to),
    wrong,
  });
  switch (random.int(0, 4)) {
    case 0:
      return change('type-error', activity.at, `${activity.at.slice(0, 4)}-02-30T10:00:00Z`);
    case 1:
      return change('constraint-error', `"kind":"${activity.kind}"`, '"kind":"vist"');
    case 2:
      return change('missing-cell', `"number":"${activity.client.number}"`, '"number":null');
    case 3:
      return change('constraint-error', `"minutes":${activity.minutes}`, '"minutes":-5');
    default:
      return change('type-error', `"minutes":${activity.minutes}`, '"minutes":"ca. 1 h"');
  }
}

function instant(day: Day, minuteOfDay: number, second: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${day}T${two(Math.floor(minuteOfDay / 60))}:${two(minuteOfDay % 60)}:${two(second)}Z`;
}
