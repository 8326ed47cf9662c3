import { approve, fail, type FulfillmentContext, inquire, type PurchaseHandler, schedule, wait } from '../sdk';
import { adminEmailErrors } from './admin-email';
import type { Tenant, VendorApi } from './api';

/** A new subscription is a new tenant. */
export function createPurchase(api: VendorApi): PurchaseHandler {
  return {
    async find(request) {
      const tenant = await api.findTenant(request.asset.id, request.signal);
      return tenant && outcomeOf(tenant, request);
    },

    async create(request) {
      const adminEmail = request.param('admin_email');
      const errors = adminEmailErrors(adminEmail);
      if (Object.keys(errors).length > 0) return inquire(errors);
      if (adminEmail.startsWith('refused@')) return fail('This customer is not served.');

      const tenant = await api.createTenant(
        { externalId: request.asset.id, adminEmail, seats: request.quantity('SEAT') },
        { idempotencyKey: request.idempotencyKey, signal: request.signal },
      );
      return outcomeOf(tenant, request);
    },

    /** An earlier attempt may have removed it, so it is looked for. */
    async release(request) {
      const tenant = await api.findTenant(request.asset.id, request.signal);
      if (tenant) await api.remove(tenant.tenantId, request.signal);
    },
  };
}

function outcomeOf(tenant: Tenant, request: FulfillmentContext) {
  const params = { subscription_id: tenant.tenantId };
  const seconds = putOffSeconds(request.param('admin_email'));
  if (seconds > 0 && !request.plannedDate) return schedule(new Date(Date.now() + seconds * 1000), params);
  return tenant.ready ? approve(params) : wait(2, params);
}

/** The tenant is prepared, and delivered later: so that a scheduled order can be tried, and one that is revoked meanwhile. */
function putOffSeconds(adminEmail: string): number {
  if (adminEmail.startsWith('soon@')) return 3;
  return adminEmail.startsWith('later@') ? 86_400 : 0;
}
