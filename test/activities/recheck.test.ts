import { expect, test } from '@jest/globals';
import { useActivities } from './start';

const { box, activities, run } = useActivities();

test('a full sweep tells the runs to look whose request it did not find, or found as being revoked', async () => {
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
      for (const { id } of [pending!, ended!, revoking!]) yield { id, type: 'purchase' };
      yield { id: undone!.id, type: 'revoke' }; // about the revocation already
    },
    recheck: async (id) => void told.push(id),
  });
  expect(await run(all, 'dispatchPending', [])).toMatchObject({ sweep: true, rechecked: 2 });
  expect(told).toEqual([ended!.id, revoking!.id]);
});
