import { expect, jest, test } from '@jest/globals';
import type * as Reader from '../../activities/usage-reader';
import { EUROPE, fakeConnect, given, OVERSEAS, PRODUCT, quiet, subscription } from './fake-usage';

jest.mock('../../src/connect/usage-workbook', () => ({
  ...jest.requireActual<object>('../../src/connect/usage-workbook'),
  MOST_ROWS: 3, // a million take half a minute
}));
const { buildWorkbook } = jest.requireActual<typeof Reader>('../../activities/usage-reader');

const source = (records: object[]) => ({
  connect: fakeConnect({
    subscriptions: [subscription('AS-1'), subscription('AS-2', { contract: { id: OVERSEAS } })],
  }),
  reporting: { records: () => given(records) },
  selection: undefined,
  signal: new AbortController().signal,
  log: quiet,
  redact: (text: string) => text,
});
const of = { productId: PRODUCT, period: '2026-10', contractId: EUROPE };
const record = (id: number, asset = 'AS-1') => ({ asset, mpn: 'CALLS', quantity: '1', id: `${id}` });

test('a sheet holds so many records of a contract', async () => {
  const built = await buildWorkbook(source([record(1), record(2), record(3), record(4, 'AS-2')]), of);
  expect(built.rows).toBe(3);
});

test('one more is refused before anything is sent', async () => {
  await expect(buildWorkbook(source([1, 2, 3, 4].map((id) => record(id))), of)).rejects.toMatchObject({
    type: 'UsageRefused',
    message: expect.stringContaining(`The file of ${EUROPE} would have more than 3 records`),
  });
});

test('a sheet ends with row 1,048,576, and the first names the columns', () => {
  const { MOST_ROWS } = jest.requireActual<{ MOST_ROWS: number }>('../../src/connect/usage-workbook');
  expect(MOST_ROWS).toBe(1_048_576 - 1);
});
