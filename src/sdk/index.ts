export { type CheckOptions, checkVendor } from './check-vendor';
export type { Parameter, TierAccount } from '../connect/parameter';
export type { ItemChange, ItemChanges } from '../domain/items';
export type { ParamValue } from '../domain/parameters';
export { NotWritten, placeholder, VendorUnavailable } from './errors';
export { approve, fail, inquire, schedule, wait } from './outcome';
export type { Approve, ApproveOptions, Fail, Inquire, Outcome, Params, Schedule, Wait } from './outcome';
export type { ActionCall, ActionHook } from './product-action';
export type { FulfillmentContext, Item, Logger, RequestContext, TierConfigContext } from './request-context';
export { testRequest, testTierRequest } from './test-request';
export type { TestFulfillmentOptions, TestParam, TestRequestOptions, TestTierOptions } from './test-request';
export type { ItemPrecision, UsageCategory, UsageContext, UsageHook, UsageRecord, UsageReporting } from './usage';
export type { ValidateHooks, Validation, Validator } from './validation';
export { defineVendor } from './vendor';
export type {
  FulfillmentHandler,
  PurchaseHandler,
  TierConfigHandler,
  Vendor,
  VendorFactory,
  VendorSettings,
} from './vendor';
