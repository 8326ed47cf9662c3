import { approve, type FulfillmentHandler } from '../sdk';
import type { VendorApi } from './api';

/** A cancelled subscription has no tenant. An earlier attempt may have removed it, so it is looked for first. */
export function createCancel(api: VendorApi): FulfillmentHandler {
  return async (request) => {
    const tenant = await api.findTenant(request.asset.id, request.signal);
    if (tenant) await api.remove(tenant.tenantId, request.signal);
    return approve();
  };
}
