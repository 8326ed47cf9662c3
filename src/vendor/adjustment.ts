import { approve, type FulfillmentHandler } from '../sdk';

/** A correction that this vendor itself has asked for: what it says is right already, and takes effect with the approval. */
export const adjustment: FulfillmentHandler = () => Promise.resolve(approve());
