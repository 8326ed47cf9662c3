import type { ActionHook } from '../sdk';
import type { VendorApi } from './api';

/** The action `panel` on a subscription: its tenant's control panel. */
export function createAction(api: VendorApi): ActionHook {
  return async ({ action, assetId, signal }) => {
    if (action !== 'panel' || assetId === undefined) return undefined;
    const tenant = await api.findTenant(assetId, signal);
    return tenant && api.panelOf(tenant.tenantId);
  };
}
