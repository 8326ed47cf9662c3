import { approve, type FulfillmentHandler } from '../sdk';
import type { VendorApi } from './api';

/** A purchase that was put off is taken back: its tenant goes. For a request of another type nothing was prepared, and the tenant is in use. */
export function createRevoke(api: VendorApi): FulfillmentHandler {
  return async (request) => {
    const tenant = request.type === 'purchase' ? await api.findTenant(request.asset.id, request.signal) : undefined;
    if (tenant) await api.remove(tenant.tenantId, request.signal);
    return approve();
  };
}
