import { approve, fail, inquire, type PurchaseHandler, wait } from '../sdk';
import { adminEmailErrors } from './admin-email';
import type { Tenant, VendorApi } from './api';

/** A new subscription is a new tenant. */
export function createPurchase(api: VendorApi): PurchaseHandler {
  return {
    async find(request) {
      const tenant = await api.findTenant(request.asset.id, request.signal);
      return tenant && outcomeOf(tenant);
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
      return outcomeOf(tenant);
    },

    /** An earlier attempt may have removed it, so it is looked for. */
    async release(request) {
      const tenant = await api.findTenant(request.asset.id, request.signal);
      if (tenant) await api.remove(tenant.tenantId, request.signal);
    },
  };
}

function outcomeOf(tenant: Tenant) {
  const params = { subscription_id: tenant.tenantId };
  return tenant.ready ? approve(params) : wait(2, params);
}
