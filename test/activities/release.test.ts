import { expect, test } from '@jest/globals';
import { approve, type Vendor, VendorUnavailable } from '../../src/sdk';
import { shown } from './shown';
import { useActivities } from './start';

const { box, activities, run, failureOf } = useActivities();

/** A vendor who has made something for a purchase, and counts how often it is told to give it back. */
function holding(release?: () => void): { vendor: Vendor; released: () => number } {
  let there = true;
  let count = 0;
  const purchase = {
    find: async () => (there ? approve() : undefined),
    create: async () => approve(),
    release: async () => {
      count += 1;
      release?.();
      there = false;
    },
  };
  return { vendor: { purchase }, released: () => count };
}

test('what is there is given back, once', async () => {
  const { id } = await box.control.placePurchase();
  const { vendor, released } = holding();
  const all = activities({ vendor });
  expect(await run(all, 'releasePurchase', [id])).toBe('released');
  expect(await run(all, 'releasePurchase', [id])).toBe('nothing');
  expect(released()).toBe(1);
});

test.each(['approved', 'teleported'])('what is %s in Connect is kept', async (status) => {
  const { id } = await box.control.placePurchase();
  await box.control.force(id, { status });
  const { vendor, released } = holding();
  expect(await run(activities({ vendor }), 'releasePurchase', [id])).toBe('kept');
  expect(released()).toBe(0);
});

test('a vendor that gives nothing back any more keeps it', async () => {
  const { id } = await box.control.placePurchase();
  expect(await run(activities(), 'releasePurchase', [id])).toBe('kept');
});

test('nothing is given back while Connect does not answer, or where the request is gone', async () => {
  const { id } = await box.control.placePurchase();
  const { vendor, released } = holding();
  await box.control.fault({ api: 'connect', method: 'GET', path: `/requests/${id}`, status: 503 });
  expect((await failureOf(activities({ vendor }), 'releasePurchase', [id])).type).toBe('ConnectUnavailable');
  await box.control.clearFaults();
  await box.control.remove(id);
  expect((await failureOf(activities({ vendor }), 'releasePurchase', [id])).type).toBe('ConnectGone');
  expect(released()).toBe(0);
});

test('a fault of the vendor says that it is the release that failed, and when to try again', async () => {
  const { id } = await box.control.placePurchase();
  const { vendor } = holding(() => {
    throw new VendorUnavailable('DELETE /tenant answered 503', { retryAfterSeconds: 5 });
  });
  const failure = await failureOf(activities({ vendor }), 'releasePurchase', [id]);
  expect(shown(failure)).toMatchObject({ type: 'ReleaseFailed', final: false });
  expect(failure.message).toBe('What the purchase made is not given back yet. DELETE /tenant answered 503');
  expect(failure.details).toEqual([{ retryAfterMs: 5_000 }]);
});
