import { expect, test } from '@jest/globals';
import { testRequest } from '../../src/sdk';
import { fulfillmentCall } from '../../src/sdk/handlers';
import type { VendorApi } from '../../src/vendor/api';
import { createPurchase } from '../../src/vendor/purchase';
import { createRevoke } from '../../src/vendor/revoke';

/** An API with one tenant, which is ready. */
function apiWithTenant() {
  const removed: string[] = [];
  const tenant = { tenantId: 'T-1', ready: true };
  const api: Partial<VendorApi> = {
    findTenant: async () => tenant,
    createTenant: async () => tenant,
    remove: async (id) => void removed.push(id),
  };
  return { api: api as VendorApi, removed };
}

test.each([
  ['soon', 3],
  ['later', 86_400],
])('an order of %s@ is put off by %d s, also where a crash came after its tenant was made', async (name, seconds) => {
  const { find, create } = createPurchase(apiWithTenant().api);
  for (const handler of [create, find]) {
    const begun = Date.now();
    const outcome = await handler(testRequest({ params: { admin_email: `${name}@customer.example` } }));
    expect(outcome).toMatchObject({ kind: 'schedule', params: { subscription_id: 'T-1' } });
    const planned = Date.parse((outcome as { plannedDate: string }).plannedDate);
    expect(planned).toBeGreaterThanOrEqual(begun + seconds * 1000);
    expect(planned).toBeLessThanOrEqual(Date.now() + seconds * 1000);
  }
});

test.each([
  ['purchase', ['T-1']],
  ['change', []],
])('a %s that is revoked: what was prepared for it is removed, and nothing else', async (type, expected) => {
  const { api, removed } = apiWithTenant();
  const revoke = fulfillmentCall({ revoke: createRevoke(api) }, 'revoke')!;
  expect(await revoke.run(testRequest({ type }))).toMatchObject({ kind: 'approve' });
  expect(removed).toEqual(expected);
});
