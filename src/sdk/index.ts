export { type CheckOptions, checkVendor } from './check-vendor';
export { NotWritten, placeholder, VendorUnavailable } from './errors';
export { approve, fail, inquire, wait } from './outcome';
export type { Approve, Fail, Inquire, Outcome, Params, Wait } from './outcome';
export type { FulfillmentContext, Logger, RequestContext, TierConfigContext } from './request-context';
export { testRequest, testTierRequest } from './test-request';
export type { TestFulfillmentOptions, TestParam, TestRequestOptions, TestTierOptions } from './test-request';
export { defineVendor } from './vendor';
export type {
  FulfillmentHandler,
  PurchaseHandler,
  TierConfigHandler,
  Vendor,
  VendorFactory,
  VendorSettings,
} from './vendor';
