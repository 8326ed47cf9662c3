import type { Product } from './product-model';

export const WEBHOOK_TYPES = [
  'event',
  ...['validator', 'inquiring_validator', 'change_validator', 'change_inquiring_validator'],
  ...['renew_validator', 'renew_inquiring_validator', 'transfer_validator', 'transfer_inquiring_validator'],
  ...['draft_tcr_t1_val', 'draft_tcr_t2_val', 'tcr_setup_t1_inq_val', 'tcr_setup_t2_inq_val'],
  ...['tcr_update_t1_validator', 'tcr_update_t2_validator', 'tcr_update_t1_inq_val', 'tcr_update_t2_inq_val'],
];

export const OBJECT_CLASSES = [
  ...['fulfillment_request', 'tier_config_request', 'tier_account_request', 'listing_request', 'billing_request'],
  'usage_file',
];

/** Whom this Connect calls when something happens to a product's objects, or is to be validated. */
export interface Webhook {
  seq: number;
  id: string;
  status: string;
  /** `event`, or one of the validators. */
  type: string;
  objectClass: string;
  label: string;
  description: string;
  product: Product;
  url: string;
  secret: string;
  active: boolean;
  data: Record<string, unknown>;
  headers: Record<string, unknown>;
  stats: {
    events: number;
    triggers: number;
    success_triggers: number;
    failure_triggers: number;
    failure_since_last_success: number;
  };
  lastSuccess: Delivery | undefined;
  lastFailure: Delivery | undefined;
  createdMs: number;
}

/** How a call of a webhook ended. */
export interface Delivery {
  time: string;
  /** The beginning of the answer, or why there was none. */
  response: string;
  /** Seconds. */
  duration: number;
  status: string;
  status_code: number;
}
