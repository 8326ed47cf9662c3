import { expect, test } from '@jest/globals';
import { testRequest, testTierRequest } from '../../src/sdk';
import { fulfillmentCall, tierConfigCall } from '../../src/sdk/handlers';
import type { VendorApi } from '../../src/vendor/api';
import { createChange } from '../../src/vendor/change';
import { tierConfig } from '../../src/vendor/tier-config';

const wrongAddress = expect.objectContaining({ kind: 'inquire', paramErrors: { admin_email: expect.any(String) } });
const fine = expect.objectContaining({ kind: 'approve' });

test.each([
  ['bob at customer', wrongAddress, []],
  ['bob@customer.example', fine, [['T-1', { adminEmail: 'bob@customer.example', seats: 7 }]]],
])('a change to the administrator %j: the vendor is told once there is an address', async (address, outcome, told) => {
  const updates: unknown[][] = [];
  const api: Partial<VendorApi> = { updateTenant: async (...update) => void updates.push(update.slice(0, 2)) };
  const change = fulfillmentCall({ change: createChange(api as VendorApi) }, 'change')!;
  const items = [{ mpn: 'SEAT', old_quantity: 5, quantity: 7 }];
  const params = { subscription_id: 'T-1', admin_email: address };
  expect(await change.run(testRequest({ type: 'change', items, params }))).toEqual(outcome);
  expect(updates).toEqual(told);
});

test.each([
  [{}, fine],
  [{ tax_number: '' }, fine],
  [{ tax_number: 'DE123456789' }, fine],
  [
    { tax_number: 'DE12345678O' },
    expect.objectContaining({ kind: 'inquire', paramErrors: { tax_number: expect.any(String) } }),
  ],
])('a reseller with the parameters %j is asked for a tax number where it is none', async (params, outcome) => {
  const setup = tierConfigCall({ tierConfig })!;
  expect(await setup.run(testTierRequest({ params }))).toEqual(outcome);
});
