import { approve, type FulfillmentHandler } from '../sdk';

/** A tenant is the same whoever sells it from now on, so a transfer is nothing but approved. */
export const transfer: FulfillmentHandler = () => Promise.resolve(approve());
