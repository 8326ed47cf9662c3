import { expect, test } from '@jest/globals';
import { useActivities } from './start';

const { box, activities, run } = useActivities();

test('a full sweep tells the runs to look whose request it did not find, or found as being revoked', async () => {
  const productId = box.sandbox.products.plain;
  const [pending, ended, revoking, undone] = await box.control.placeOrders({
    type: 'purchase',
    product: box.sandbox.products.plain,
    count: 4,
  });
  await box.control.force(ended!.id, { status: 'failed' });
  for (const { id } of [revoking!, undone!]) await box.control.force(id, { status: 'revoking' });
  const told: string[] = [];
  const all = activities({
    openRuns: async function* () {
      for (const { id } of [pending!, ended!, revoking!]) yield { id, productId, type: 'purchase' };
      yield { id: undone!.id, productId, type: 'revoke' }; // about the revocation already
      yield { id: 'PR-7', productId: 'PRD-999-999-999', type: 'purchase' }; // of a product that was not listed
      yield { id: 'PR-8', productId: '', type: 'purchase' };
    },
    recheck: async (id) => void told.push(id),
  });
  expect(await run(all, 'dispatchPending', [])).toMatchObject({ sweep: true, rechecked: 3 });
  expect(told).toEqual([ended!.id, revoking!.id, 'PR-8']);
});
