import { expect, test } from '@jest/globals';
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
  const { contractId, totals } = contracts[0]!;
  const first = await run(all, 'uploadUsage', [{ ...of, contractId }]);
  const repeated = await run(all, 'uploadUsage', [{ ...of, contractId }]);
  expect([first, repeated]).toMatchObject([{ kind: 'sent', usage: { rows: 1, totals } }, { kind: 'found' }]);
  const [file, ...more] = await box.control.usage.files();
  expect([file?.effects['create'], file?.effects['upload'], more]).toEqual([1, 1, []]);
});
