/** What the sandbox keeps in memory. Views, in each collection's own file, turn it into Connect's JSON. */

import type { Product, Template } from './product-model';

export interface Parameter {
  id: string;
  name: string;
  title: string;
  description: string;
  type: string;
  phase: string;
  scope: string;
  value: string;
  value_error: string;
  structured_value?: unknown;
  structured_error?: unknown;
  constraints: Record<string, unknown>;
}

/** Quantities are text, as in Connect: `"5"`, `"0"`, `"unlimited"`. */
export interface OrderItem {
  id: string;
  global_id: string;
  mpn: string;
  old_quantity: string;
  quantity: string;
  type: string;
  display_name: string;
  period: string;
  item_type: string;
  params: unknown[];
}

export interface TierAccount {
  seq: number;
  status: string;
  id: string;
  type: 'customer' | 'reseller';
  name: string;
  external_id: string;
  external_uid: string;
  tax_id: string;
  contact_info: Record<string, unknown>;
  createdMs: number;
  updatedMs: number;
}

export interface Tiers {
  customer: TierAccount;
  tier1: TierAccount;
  tier2: TierAccount | undefined;
}

export interface Connection {
  id: string;
  type: 'production' | 'test' | 'preview';
  status: string;
  provider: { id: string; name: string };
  vendor: { id: string; name: string };
  hub: { id: string; name: string };
  created_at: string;
}

/** Where something is sold: the three move together. */
export interface Channel {
  connection: Connection;
  marketplace: { id: string; name: string; icon: string };
  contract: { id: string; name: string; type: string };
}

export interface Asset {
  seq: number;
  id: string;
  status: string;
  external_id: string;
  external_uid: string;
  product: Product;
  channel: Channel;
  tiers: Tiers;
  items: OrderItem[];
  params: Parameter[];
  template: Template | undefined;
  /** What the vendor set with an approval, ISO 8601; null where it never did. */
  nextBilling: string | null;
  requests: FulfillmentRequest[];
  createdMs: number;
  updatedMs: number;
}

export interface FulfillmentRequest {
  seq: number;
  id: string;
  type: string;
  status: string;
  asset: Asset;
  /** Status of the asset before this request, which a failed cancel gives back. */
  assetBefore: string;
  /** What is asked for; the asset's own, shared, while a purchase is open. */
  items: OrderItem[];
  params: Parameter[];
  /** The asset's parameters when the request was made: what differs from them is what the request changes. */
  paramsBefore: Parameter[];
  note: string;
  reason: string;
  answered: boolean;
  assignee: { id: string; name: string; email: string } | null;
  /** Of its service level; undefined where none is measured. */
  sliZone: number | undefined;
  activationKey: string;
  template: Template | undefined;
  /** Secret of the customer's form, part of `params_form_url`. */
  formCode: string;
  previousApproved: string | undefined;
  plannedDate: string | null;
  effectiveDate: string | null;
  createdMs: number;
  updatedMs: number;
}

export interface TierConfig {
  seq: number;
  id: string;
  status: string;
  account: TierAccount;
  product: Product;
  level: 1 | 2;
  channel: Channel;
  params: Parameter[];
  template: Template | undefined;
  parent: TierConfig | undefined;
  openRequest: TierConfigRequest | undefined;
  requestCount: number;
  lastApproved: string | undefined;
  createdMs: number;
  updatedMs: number;
}

export interface TierConfigRequest {
  seq: number;
  id: string;
  type: 'setup' | 'update' | 'adjustment';
  status: string;
  configuration: TierConfig;
  params: Parameter[];
  /** The tiers from this configuration's level upwards. */
  tiers: { tier1: TierAccount | undefined; tier2: TierAccount | undefined };
  reason: string | null;
  notes: string | null;
  assignee: { id: string; name: string; email: string } | null;
  /** Of its service level; undefined where none is measured. */
  sliZone: number | undefined;
  template: Template | undefined;
  activationText: string;
  effectiveDate: string | null;
  previousApproved: string | undefined;
  events: Record<string, number>;
  createdMs: number;
  updatedMs: number;
}

export interface Message {
  id: string;
  conversation: string;
  account: { id: string; name: string };
  text: string;
  type: string;
  createdMs: number;
}

export interface Conversation {
  seq: number;
  id: string;
  status: string;
  instanceId: string;
  topic: string;
  messages: Message[];
  createdMs: number;
}
