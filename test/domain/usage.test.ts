import { expect, test } from '@jest/globals';
import { describeBad, usageFileId, usageReportId } from '../../src/domain/usage';
import { isOld, isOver, monthBefore, previousMonth, usagePeriod } from '../../src/domain/usage-period';

test.each([
  ['2026-01', '2026-01-31'],
  ['2026-02', '2026-02-28'],
  ['2028-02', '2028-02-29'],
  ['2100-02', '2100-02-28'],
  ['2026-04', '2026-04-30'],
  ['2026-12', '2026-12-31'],
])('%s begins on its first day and ends on %s', (id, to) => {
  expect(usagePeriod(id)).toEqual({ id, from: `${id}-01`, to });
});

test.each([
  '',
  '2026',
  '2026-1',
  '2026-00',
  '2026-13',
  '26-10',
  '0026-10',
  '2026-10-01',
  ' 2026-10',
  '2026-10\n',
  'now',
])('"%s" is no month', (id) => {
  expect(() => usagePeriod(id)).toThrow(RangeError);
  expect(() => monthBefore(id)).toThrow('give a year and a month, such as 2026-10');
});

test.each([
  ['2026-10', '2026-10-31T23:59:59.999Z', false],
  ['2026-10', '2026-11-01T00:00:00.000Z', true],
  ['2026-12', '2026-11-27T00:00:00.000Z', false],
  ['2025-12', '2026-01-01T00:00:00.000Z', true],
])('whether %s is over at %s: %p', (id, now, over) => {
  expect(isOver(id, new Date(now))).toBe(over);
});

test.each([
  ['2024-11', false],
  ['2024-10', true],
  ['2025-12', false],
  ['1999-01', true],
])('whether %s ended more than two years before 2026-11-27: %p', (id, old) => {
  expect(isOld(id, new Date('2026-11-27T00:00:00.000Z'))).toBe(old);
});

test.each([
  ['2026-01', '2025-12'],
  ['2026-03', '2026-02'],
  ['2026-12', '2026-11'],
  ['2000-01', '1999-12'],
])('before %s is %s', (id, before) => {
  expect(monthBefore(id)).toBe(before);
});

test.each([
  ['2026-11-05T05:17:00Z', 'UTC', '2026-10'],
  ['2026-01-05T05:17:00Z', 'UTC', '2025-12'],
  ['2026-03-31T23:59:59.999Z', 'UTC', '2026-02'],
  ['2026-04-01T00:00:00Z', 'UTC', '2026-03'],
  // Where it is the next month already, or still the one before.
  ['2026-03-31T21:59:59Z', 'Europe/Madrid', '2026-02'],
  ['2026-03-31T22:00:00Z', 'Europe/Madrid', '2026-03'],
  ['2026-12-31T10:00:00Z', 'Pacific/Kiritimati', '2026-12'],
  ['2027-01-01T09:59:59Z', 'Pacific/Honolulu', '2026-11'],
  ['2027-01-01T10:00:00Z', 'Pacific/Honolulu', '2026-12'],
])('at %s by the clocks of %s the month that is over is %s', (instant, timeZone, month) => {
  expect(previousMonth(new Date(instant), timeZone)).toBe(month);
});

test('a zone that nobody knows, and a time that is none, are refused', () => {
  expect(() => previousMonth(new Date(), 'Europe/Atlantis')).toThrow(RangeError);
  expect(() => previousMonth(new Date('soon'), 'UTC')).toThrow(RangeError);
});

test('a report and a file have the same id whoever asks', () => {
  const report = { productId: 'PRD-000-000-001', period: '2026-10' };
  expect(usageReportId(report)).toBe('usage-PRD-000-000-001-2026-10');
  expect(usageFileId({ ...report, contractId: 'CRD-00000-00000-00001' })).toBe(
    'usage-PRD-000-000-001-CRD-00000-00000-00001-2026-10',
  );
});

test('a bad record is described by what it has', () => {
  const bad = { row: 12, asset: 'AS-1', mpn: 'CALLS', recordId: '7', problem: '"quantity" is negative' };
  expect(describeBad(bad)).toBe('record 12: asset AS-1, item CALLS, id 7: "quantity" is negative');
  expect(describeBad({ ...bad, asset: '', recordId: '' })).toBe('record 12: item CALLS: "quantity" is negative');
  expect(describeBad({ ...bad, asset: '', mpn: '', recordId: '' })).toBe('record 12: "quantity" is negative');
});
