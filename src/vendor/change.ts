import { approve, type FulfillmentHandler } from '../sdk';
import type { VendorApi } from './api';

/** A change sets the number of seats to what was asked for: repeated, it sets the same number. */
export function createChange(api: VendorApi): FulfillmentHandler {
  return async (request) => {
    const seats = request.changes.altered.concat(request.changes.added, request.changes.removed);
    request.log.info('change', { items: seats.map(({ item, from, to }) => `${item.mpn}: ${from} to ${to}`) });
    await api.setSeats(request.param('subscription_id'), request.quantity('SEAT'), request.signal);
    return approve();
  };
}
