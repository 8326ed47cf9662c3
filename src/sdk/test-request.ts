import type { Waited } from '../domain/request-run';
import type { Parameter, TierAccount } from '../connect/parameter';
import type { FulfillmentRequest } from '../connect/requests';
import type { TierConfigRequest } from '../connect/tier-config-requests';
import {
  type FulfillmentContext,
  fulfillmentContext,
  type Item,
  type Logger,
  type TierConfigContext,
  tierConfigContext,
} from './request-context';

/** A parameter of an invented request: its value, or more of it. It is an ordering parameter of type text unless it says otherwise. */
export type TestParam = string | Partial<Omit<Parameter, 'id'>>;

/** What an invented request has in place of what the SDK invents. */
export interface TestRequestOptions {
  /** Default `purchase`; of a tier config request `setup`. */
  type?: string;
  /** Default: an id like Connect's, another one for each request. */
  id?: string;
  /** By parameter id; default none. */
  params?: Readonly<Record<string, TestParam>>;
  /** `PRD-…` */
  product?: string;
  /** Default: one that is never aborted. */
  signal?: AbortSignal;
  /** What the handler has asked to wait so far; `since` as ISO 8601. Default nothing. */
  waited?: Waited;
  /** Default: one that says nothing. */
  log?: Logger;
}

export interface TestFulfillmentOptions extends TestRequestOptions {
  /** Id of the subscription, `AS-…`; default another one for each request. */
  asset?: string;
  /** Default: five of an item `SEAT`. A quantity before is 0 unless it is named. */
  items?: readonly (Omit<Partial<Item>, 'quantity' | 'old_quantity'> & {
    mpn: string;
    quantity: number | string;
    old_quantity?: number | string;
  })[];
  /** Default: an empty text, since it is not planned for a date. */
  plannedDate?: string;
  /** Default: an invented customer and reseller. */
  tiers?: { customer?: Partial<TierAccount>; tier1?: Partial<TierAccount>; tier2?: Partial<TierAccount> };
  /** What `request.tierParams(1)` and `(2)` give; default nothing. */
  tierParams?: { tier1?: TestRequestOptions['params']; tier2?: TestRequestOptions['params'] };
}

export interface TestTierOptions extends TestRequestOptions {
  /** Default 1. */
  level?: 1 | 2;
  /** Id of the reseller, `TA-…`. */
  account?: string;
}

/**
 * An invented fulfillment request, as a handler is given it: for a unit test of one handler, without Connect.
 *
 * @example await change(testRequest({ type: 'change', params: { subscription_id: 'T-1' }, items: [{ mpn: 'SEAT', old_quantity: 5, quantity: 7 }] }))
 */
export function testRequest(options: TestFulfillmentOptions = {}): FulfillmentContext {
  const { items = [{ mpn: 'SEAT', quantity: 5 }], tiers = {}, tierParams = {}, type = 'purchase' } = options;
  const number = inventNumber();
  const { id = `PR-${number}-001`, asset = `AS-${number}` } = options;
  const request: FulfillmentRequest = {
    id,
    type,
    status: 'pending',
    planned_date: options.plannedDate ?? '',
    asset: {
      id: asset,
      status: type === 'purchase' ? 'processing' : 'active',
      external_id: number.replaceAll('-', ''),
      external_uid: `uid-${number}`,
      product: { id: options.product ?? PRODUCT, name: 'Invented product' },
      connection: CONNECTION,
      items: items.map(toItem),
      params: toParams(options.params),
      tiers: {
        customer: account('TA-9000-0000-0001', 'Invented Customer', 'customer', tiers.customer),
        tier1: account('TA-9000-0000-0002', 'Invented Reseller', 'reseller', tiers.tier1),
        tier2: tiers.tier2 && account('TA-9000-0000-0003', 'Invented Distributor', 'reseller', tiers.tier2),
      },
      configuration: { params: [] },
    },
    marketplace: { id: 'MP-90001', name: 'Invented marketplace' },
    contract: { id: 'CRD-90000-00000-00001', name: 'Invented contract' },
  };
  return fulfillmentContext(request, {
    ...surroundings(options),
    tierParams: (level) => Promise.resolve(toParams(tierParams[`tier${level}`])),
  });
}

/** The same for a tier config request. */
export function testTierRequest(options: TestTierOptions = {}): TierConfigContext {
  const { level = 1, type = 'setup' } = options;
  const number = inventNumber();
  const reseller = account(options.account ?? `TA-${number}`, 'Invented Reseller', 'reseller');
  const request: TierConfigRequest = {
    id: options.id ?? `TCR-${number}-001`,
    type,
    status: 'pending',
    environment: 'production',
    configuration: {
      id: `TC-${number}`,
      name: `Configuration of ${reseller.id}`,
      tier_level: level,
      params: [],
      account: { id: reseller.id, name: reseller.name },
      product: { id: options.product ?? PRODUCT, name: 'Invented product' },
      connection: CONNECTION,
      marketplace: { id: 'MP-90001', name: 'Invented marketplace' },
      contract: { id: 'CRD-90000-00000-00001', name: 'Invented contract' },
    },
    params: toParams(options.params),
    tiers: { [`tier${level}`]: reseller },
  };
  return tierConfigContext(request, surroundings(options));
}

const PRODUCT = 'PRD-900-000-001';
const CONNECTION = {
  id: 'CT-9000-0001',
  type: 'production',
  provider: { id: 'PA-900-001', name: 'Invented distributor' },
  vendor: { id: 'VA-900-001', name: 'Invented vendor' },
  hub: { id: 'HB-9000-0001', name: 'Invented hub' },
};

const nothing = () => undefined;
const SILENT: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function surroundings({ signal = new AbortController().signal, log = SILENT, waited }: TestRequestOptions) {
  return { signal, log, waited };
}

/** Twelve digits that begin with a 9, as no subscription of Connect's is likely to. */
function inventNumber(): string {
  const four = () => String(Math.floor(Math.random() * 10_000)).padStart(4, '0');
  return `9${four().slice(1)}-${four()}-${four()}`;
}

function toParams(params: TestRequestOptions['params'] = {}): Parameter[] {
  return Object.entries(params).map(([id, param]) => ({
    id,
    name: id,
    title: id,
    type: 'text',
    phase: 'ordering',
    scope: 'asset',
    value: '',
    value_error: '',
    structured_value: undefined,
    constraints: undefined,
    ...(typeof param === 'string' ? { value: param } : param),
  }));
}

function toItem(
  { mpn, quantity, old_quantity = 0, ...rest }: NonNullable<TestFulfillmentOptions['items']>[number],
  index: number,
): Item {
  const number = String(index + 1).padStart(4, '0');
  return {
    id: `PRD_900_000_001_${number}`,
    global_id: `PRD-900-000-001-${number}`,
    display_name: mpn,
    type: 'Units',
    period: 'Monthly',
    item_type: 'Reservation',
    params: [],
    ...rest,
    mpn,
    quantity: String(quantity),
    old_quantity: String(old_quantity),
  };
}

function account(id: string, name: string, type: string, more: Partial<TierAccount> = {}): TierAccount {
  return {
    id,
    name,
    type,
    external_id: `external-${id}`,
    external_uid: `uid-${id}`,
    tax_id: '',
    contact_info: {
      address_line1: 'Invented Street 1',
      address_line2: '',
      city: 'Madrid',
      state: '',
      postal_code: '28001',
      country: 'ES',
      contact: {
        first_name: 'Ada',
        last_name: 'Invented',
        email: 'ada@customer.example',
        phone_number: { country_code: '+34', area_code: '', phone_number: '600000000', extension: '' },
      },
    },
    ...more,
  };
}
