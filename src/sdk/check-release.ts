import { releaseCall } from './handlers';
import { type TestFulfillmentOptions, type TestParam, testRequest } from './test-request';
import type { Vendor } from './vendor';

/** What the check of a release makes its request of, and how long a call may take, in seconds. */
type ReleaseCheck = Pick<TestFulfillmentOptions, 'product' | 'items' | 'tiers' | 'params' | 'tierParams'> & {
  seconds?: number;
};

/**
 * Buys another invented subscription, and gives back what was made for it: with nothing saved, as after a crash, and once more, as after a
 * lost answer.
 */
export async function checkRelease(
  vendor: Vendor,
  { seconds = 3, ...options }: ReleaseCheck,
  report: (finding: string) => void,
): Promise<void> {
  const call = releaseCall(vendor);
  if (!vendor.purchase || !call) return;
  const empty: TestParam = { phase: 'fulfillment' };
  const unset = Object.fromEntries((vendor.writes?.asset ?? []).map((id) => [id, empty]));
  const { id, asset } = testRequest();
  const params = { ...unset, ...options.params };
  const request = () =>
    testRequest({
      ...structuredClone({ ...options, id, asset: asset.id, params }),
      signal: AbortSignal.timeout(seconds * 1000),
    });
  try {
    await vendor.purchase.create(request());
    if (!(await call.run(request()))) {
      report(
        'purchase.release: `find` does not find what was created before its values were saved: nothing would be given back after a crash',
      );
    }
    await call.run(request());
  } catch (error) {
    report(`purchase.release: it threw ${String(error)}. It may be called again, and what is gone is no fault`);
  }
}
