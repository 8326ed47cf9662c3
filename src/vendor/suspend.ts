import { approve, type FulfillmentHandler } from '../sdk';
import type { VendorApi } from './api';

/** A suspended subscription is a disabled tenant. */
export function createSuspend(api: VendorApi): FulfillmentHandler {
  return async (request) => {
    await api.disable(request.param('subscription_id'), request.signal);
    return approve();
  };
}
