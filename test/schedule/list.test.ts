import { expect, it } from 'vitest';

import { every } from '../../src/schedule/every.ts';
import { listSchedule } from '../../src/schedule/list.ts';

const zone = 'Europe/Berlin';
const jobs = [
  { name: 'payments', schedule: every.weeks(2).on('monday').at('06:00').from('2026-01-05') },
  { name: 'morning-costs', schedule: every.day().at('08:00') },
  { name: 'costs', schedule: every.week().on('monday').at('06:00') },
  { name: 'activity', schedule: every.day().at('05:30') },
];

it('merges the jobs in time order, ties by name', () => {
  expect(listSchedule(jobs, { from: '2026-11-22T12:00:00Z', count: 5, zone })).toEqual([
    { job: 'activity', at: '2026-11-23T04:30:00Z', zone },
    { job: 'costs', at: '2026-11-23T05:00:00Z', zone },
    { job: 'payments', at: '2026-11-23T05:00:00Z', zone },
    { job: 'morning-costs', at: '2026-11-23T07:00:00Z', zone },
    { job: 'activity', at: '2026-11-24T04:30:00Z', zone },
  ]);
});

it('does not depend on the order of the jobs', () => {
  const options = { from: '2026-11-22T12:00:00Z', count: 50, zone };
  expect(listSchedule([...jobs].reverse(), options)).toEqual(listSchedule(jobs, options));
});

it('includes what is due at the instant itself', () => {
  const options = { from: '2026-11-23T05:30:00+01:00', count: 1, zone };
  expect(listSchedule(jobs, options)).toEqual([
    { job: 'activity', at: '2026-11-23T04:30:00Z', zone },
  ]);
});

it('lists nothing for no jobs or a count of zero', () => {
  expect(listSchedule([], { from: '2026-11-23T00:00:00Z', count: 5, zone })).toEqual([]);
  expect(listSchedule(jobs, { from: '2026-11-23T00:00:00Z', count: 0, zone })).toEqual([]);
});
