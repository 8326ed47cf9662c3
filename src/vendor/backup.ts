import { approve, defineVendor, type PurchaseHandler } from '../sdk';
import { createVendorApi, type Tenant } from './api';

/**
 * The example of a module for one product alone: the demo names it for the sandbox's "Sandbox Backup". It sells and nothing else, and the customer
 * is shown a tile instead of a template. See docs/write-your-vendor.md, "Several products".
 */
export const vendor = defineVendor(({ apiUrl, apiKey, exampleAllowed }) => {
  if (!exampleAllowed) throw new Error('This is an example: to try it with the sandbox, set EXAMPLE_VENDOR=allow.');
  const api = createVendorApi(apiUrl, apiKey);
  const purchase: PurchaseHandler = {
    async find({ asset, signal }) {
      const tenant = await api.findTenant(asset.id, signal);
      return tenant && backup(tenant);
    },
    async create({ asset, param, quantity, idempotencyKey, signal }) {
      const order = { externalId: asset.id, adminEmail: param('admin_email'), seats: quantity('SEAT') };
      return backup(await api.createTenant(order, { idempotencyKey, signal }));
    },
  };
  return { purchase, writes: { asset: ['subscription_id'] }, check: (signal) => api.check(signal) };
});

function backup({ tenantId }: Tenant) {
  const params = { subscription_id: `backup-${tenantId}` };
  return approve(params, { activationTile: `Backups are made each night. Your vault is backup-${tenantId}.` });
}
