import { approve, type FulfillmentHandler } from '../sdk';
import type { VendorApi } from './api';

/** A resumed subscription is an enabled tenant. */
export function createResume(api: VendorApi): FulfillmentHandler {
  return async (request) => {
    await api.enable(request.param('subscription_id'), request.signal);
    return approve();
  };
}
