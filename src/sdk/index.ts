export { NotWritten, placeholder, VendorUnavailable } from './errors';
export { approve, fail, inquire, wait } from './outcome';
export type { Approve, Fail, Inquire, Outcome, Params, Wait } from './outcome';
export type { FulfillmentContext, Logger, RequestContext, TierConfigContext } from './request-context';
export { defineVendor } from './vendor';
export type {
  FulfillmentHandler,
  PurchaseHandler,
  TierConfigHandler,
  Vendor,
  VendorFactory,
  VendorSettings,
} from './vendor';
