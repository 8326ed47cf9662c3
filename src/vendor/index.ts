import { defineVendor, placeholder, type Vendor } from '../sdk';
import { createAction } from './action';
import { adjustment } from './adjustment';
import { createVendorApi } from './api';
import { createCancel } from './cancel';
import { createChange } from './change';
import { createPurchase } from './purchase';
import { renew } from './renew';
import { createResume } from './resume';
import { createRevoke } from './revoke';
import { createSuspend } from './suspend';
import { tierConfig } from './tier-config';
import { transfer } from './transfer';
import { createUsage } from './usage';
import { validate } from './validate';

/**
 * THE VENDOR WRITES HERE, and nowhere else.
 *
 * What stands here is a worked example: a vendor whose subscriptions are tenants behind an HTTP API (`api.ts`; the sandbox has one).
 * Replace its handlers by your own, and the first line of this function goes. See docs/write-your-vendor.md.
 */
export const vendor = defineVendor(({ apiUrl, apiKey, exampleAllowed }): Vendor => {
  if (!exampleAllowed) return unwritten;

  const api = createVendorApi(apiUrl, apiKey);
  return {
    purchase: createPurchase(api),
    change: createChange(api),
    suspend: createSuspend(api),
    resume: createResume(api),
    cancel: createCancel(api),
    renew,
    transfer,
    adjustment,
    revoke: createRevoke(api),
    tierConfig,
    usage: createUsage(api),
    validate,
    action: createAction(api),
    writes: { asset: ['subscription_id'], tier1: ['reseller_id'], tier2: ['reseller_id'] },
    check: (signal) => api.check(signal),
  };
});

/** Nobody approves real orders with an example: without `EXAMPLE_VENDOR=allow` every request is parked and says where to write. */
const inFile = (name: string) =>
  placeholder(`src/vendor/${name} (to try the example with the sandbox, set EXAMPLE_VENDOR=allow)`);
const unwritten: Vendor = {
  purchase: { find: inFile('purchase.ts'), create: inFile('purchase.ts') },
  change: inFile('change.ts'),
  suspend: inFile('suspend.ts'),
  resume: inFile('resume.ts'),
  cancel: inFile('cancel.ts'),
  renew: inFile('renew.ts'),
  transfer: inFile('transfer.ts'),
  revoke: inFile('revoke.ts'),
  tierConfig: inFile('tier-config.ts'),
};
