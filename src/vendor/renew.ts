import { approve, type FulfillmentHandler } from '../sdk';

/** A tenant runs until it is removed, so a renewal is nothing but approved. */
export const renew: FulfillmentHandler = () => Promise.resolve(approve());
