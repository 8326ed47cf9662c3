import { approve, type TierConfigHandler } from '../sdk';

/** A reseller gets a number of ours, of whichever tier. The same reseller and product always get the same one. */
export const tierConfig: TierConfigHandler = (request) =>
  Promise.resolve(approve({ reseller_id: `reseller-${request.account.id}` }));
