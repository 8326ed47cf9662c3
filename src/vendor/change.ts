import { approve, type FulfillmentHandler, inquire } from '../sdk';
import { adminEmailErrors } from './admin-email';
import type { VendorApi } from './api';

/** A change sets the seats and the administrator that were asked for: repeated, it sets the same. */
export function createChange(api: VendorApi): FulfillmentHandler {
  return async (request) => {
    const adminEmail = request.param('admin_email');
    const errors = adminEmailErrors(adminEmail);
    if (Object.keys(errors).length > 0) return inquire(errors);

    const { altered, added, removed } = request.changes;
    const items = [...altered, ...added, ...removed];
    request.log.info('change', { items: items.map(({ item, from, to }) => `${item.mpn}: ${from} to ${to}`) });
    const asked = { adminEmail, seats: request.quantity('SEAT') };
    await api.updateTenant(request.param('subscription_id'), asked, request.signal);
    return approve();
  };
}
