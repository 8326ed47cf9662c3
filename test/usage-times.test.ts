import { expect, test } from '@jest/globals';
import type { z } from 'zod';
import { earlyUsageTimes, TimeOfDay, TimeZone, UsageDay, usageTimes } from '../src/usage-times';

const DAY = 'must be a day of the month, from 1 to 28';
const TIME = 'must be a time of day from "04:00", such as "05:17"';
const ZONE = 'must be the name of a time zone, such as "UTC" or "Europe/Madrid"';

/** What is said of a value, or nothing. */
const saidOf = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues.map(({ message }) => message) ?? [];

test.each([1, 5, 28, '1', '05', '28'])('%p is a day', (day) => {
  expect(UsageDay.parse(day)).toBe(Number(day));
});

test.each<[unknown, string]>([
  ...[0, '0', -1, '-1', 1.5, '1.5', '5th', '1e1', '0x5', ' 5', '', Number.NaN].map((day): [unknown, string] => [
    day,
    DAY,
  ]),
  ...[true, null, undefined, [5], ['5'], {}].map((day): [unknown, string] => [day, DAY]),
  ...[29, '29', '31', 366].map((day): [unknown, string] => [day, `${DAY}: not every month has a later one`]),
])('%p is no day', (day, said) => {
  expect(saidOf(UsageDay, day)).toEqual([said]);
});

test.each(['04:00', '05:17', '09:59', '10:00', '23:59'])('%s is a time', (time) => {
  expect(TimeOfDay.parse(time)).toBe(time);
});

test.each<unknown>([
  '00:00',
  '03:59',
  '24:00',
  '5:17',
  '05:60',
  '05:17:00',
  '5',
  '05.17',
  ' 05:17',
  '5 am',
  '',
  517,
  null,
  undefined,
])('%p is no time', (time) => {
  expect(saidOf(TimeOfDay, time)).toEqual([TIME]);
});

test.each([
  ...[
    'UTC',
    'GMT',
    'Etc/UTC',
    'Etc/GMT+5',
    'Europe/Madrid',
    'America/Argentina/Buenos_Aires',
    'America/Port-au-Prince',
  ],
  ...['Asia/Kolkata', 'Asia/Calcutta', 'US/Pacific'], // older and newer names of one zone
])('%s is a time zone', (zone) => {
  expect(TimeZone.parse(zone)).toBe(zone);
});

test.each<unknown>([
  ...['Europe/Atlantis', 'Madrid', 'Local', '', ' UTC', 'Z', 2, null, undefined],
  ...['+02:00', 'UTC+2', '-0300'], // Temporal's server knows none of these,
  ...['utc', 'europe/madrid', 'EUROPE/MADRID', 'Europe/madrid'], // nor a name that is written otherwise
])('%p is no time zone', (zone) => {
  expect(saidOf(TimeZone, zone)).toEqual([ZONE]);
});

const REST = { day: 5, time: '05:17', timeZone: 'UTC' };

test('every product has the time of the rest, but for what the file says of it', () => {
  const products = {
    'PRD-2': { day: 2, timezone: 'Europe/Madrid' },
    'PRD-3': { report: false, day: 3 },
    'PRD-4': { report: true, time: '23:00' },
    'PRD-9': { day: 9 }, // none of ours
  };
  expect(usageTimes({ products }, ['PRD-1', 'PRD-2', 'PRD-3', 'PRD-4'], REST)).toEqual([
    { productId: 'PRD-1', ...REST },
    { productId: 'PRD-2', day: 2, time: '05:17', timeZone: 'Europe/Madrid' },
    { productId: 'PRD-4', day: 5, time: '23:00', timeZone: 'UTC' },
  ]);
});

test('where the file says nothing, all have the time of the rest', () => {
  expect(usageTimes({}, ['PRD-1', 'PRD-2'], REST)).toEqual([
    { productId: 'PRD-1', ...REST },
    { productId: 'PRD-2', ...REST },
  ]);
});

test.each([
  [1, '05:17', 'Asia/Tokyo', '09:00'],
  [1, '08:59', 'Asia/Tokyo', '09:00'],
  [1, '05:29', 'Asia/Kolkata', '05:30'],
  [1, '13:59', 'Pacific/Kiritimati', '14:00'],
  [1, '12:30', 'Pacific/Auckland', '13:00'], // in summer
])('on day %i at %s %s the month may still run in UTC: from %s it is over', (day, time, timeZone, over) => {
  const early = { productId: 'PRD-1', day, time, timeZone };
  const problems = earlyUsageTimes([{ productId: 'PRD-2', ...REST }, early]);
  expect(problems).toEqual([expect.stringMatching(`^USAGE_TIME must be "${over}" or later.*${timeZone}.*PRD-1`)]);
  const ofSeveral = [early, { ...early, productId: 'PRD-3' }, { ...early, productId: 'PRD-4', time: '04:00' }];
  expect(earlyUsageTimes(ofSeveral)).toEqual([
    expect.stringMatching(`at ${time} ${timeZone}, when the usage of PRD-1, PRD-3 is`),
    expect.stringMatching(`at 04:00 ${timeZone}, when the usage of PRD-4 is`),
  ]);
  expect(earlyUsageTimes([{ ...early, time: over }])).toEqual([]);
  expect(earlyUsageTimes([{ ...early, day: 2, time: '04:00' }])).toEqual([]);
});

test.each(['UTC', 'Europe/Madrid', 'Pacific/Honolulu', 'America/St_Johns'])(
  'the earliest time of a month by the clocks of %s comes when the month before is over in UTC',
  (timeZone) => {
    expect(earlyUsageTimes([{ productId: 'PRD-1', day: 1, time: '04:00', timeZone }])).toEqual([]);
  },
);
