import { expect, test } from '@jest/globals';
import type { UsageFileInput } from '../../src/domain/usage';
import { usageOf } from '../sandbox/usage';
import { EASY, useActivities } from './start';

const { box, activities, run } = useActivities();

test('a new workbook whose upload got through, its answer lost, is not sent once more while Connect reads it', async () => {
  const productId = box.sandbox.products.usage;
  await box.control.set({ usageProcessingMs: 60_000 });
  const asset = await usageOf(box).asset();
  const all = activities({
    vendor: {
      ...EASY,
      usage: async function* () {
        yield { asset, mpn: 'CALLS', quantity: '5' };
      },
    },
  });
  const of = { productId, period: '2026-10' };
  const { contracts } = await run(all, 'collectUsage', [of]);
  const input: UsageFileInput = { ...of, contractId: contracts[0]!.contractId, usage: contracts[0]! };
  const first = await run(all, 'uploadUsage', [input, { anew: false }]);
  const repeated = await run(all, 'uploadUsage', [input, { anew: true }]);
  expect([first, repeated]).toMatchObject([{ fresh: true }, { fresh: false, rows: 1, totals: contracts[0]!.totals }]);
  const [file, ...more] = await box.control.usage.files();
  expect([file?.effects['create'], file?.effects['upload'], more]).toEqual([1, 1, []]);
});
