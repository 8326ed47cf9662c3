import { DISTRIBUTOR, VENDOR } from '../connect/accounts';
import type { FulfillmentRequest } from '../connect/model';
import { placeOrder } from '../connect/order-intake';
import * as requests from '../connect/request-lifecycle';
import { assigneeOf } from '../connect/requests';
import type { Store } from '../connect/store';
import { findTemplate } from '../connect/templates';
import * as tierRequests from '../connect/tier-config-lifecycle';
import { setupsFor } from '../connect/tier-config-setup';
import { MOST_ORDERS } from '../limits';
import type { Tenants } from '../vendor-api/tenants';
import { flag, namedTexts, oneOf, text, whole, type Fields } from './body';

/** Orders in short, for `POST /sandbox/orders`. */
export interface OrderSpec {
  /** Default `purchase`. An `adjustment` is placed by the vendor, everything else by the distributor. */
  type?: string;
  /** Product id; for a purchase. */
  product?: string;
  /** How many alike, 10,000 at most; default 1. */
  count?: number;
  /** Default for a purchase `admin-{n}@customer.example`; `{n}` becomes the number of the order. An empty text leaves it out. */
  admin_email?: string;
  /** Quantity of the item SEAT; default 5 for a purchase, two more than before for a change. */
  quantity?: number | string;
  /** Asset id; for everything but a purchase. */
  asset?: string;
  /** Tier 1, by a name of the caller's own; the product with tiers also gets a tier 2, `<reseller>-parent`. */
  reseller?: string;
  /** `production` unless `test` or `preview`. */
  connection?: string;
  /** Id of the marketplace; the first that the connection has unless named. */
  marketplace?: string;
  /** Id of the person to whom the request is assigned from its first minute: `UR-…`. */
  assignee?: string;
  /** Zone of its service level, and of the tier config requests that it waits for: 0, and higher the later it is. None unless named. */
  sliZone?: number;
  /** Further parameters, id to value. */
  params?: Record<string, string>;
  /** Ask for a draft. */
  draft?: boolean;
}

/** Connect's own check of an item says which texts are one. */
const quantity = {
  takes: 'A number, or a text of one.',
  accepts: (value: unknown): value is number | string => ['number', 'string'].includes(typeof value),
};

const BOUGHT = {
  product: text,
  count: whole(1, MOST_ORDERS),
  admin_email: text,
  quantity,
  reseller: text,
  connection: text,
  marketplace: text,
};

export const ORDER: Fields<OrderSpec> = {
  ...BOUGHT,
  type: text,
  asset: text,
  assignee: text,
  sliZone: whole(0),
  params: namedTexts,
  draft: flag,
};

export interface PlacedOrder {
  id: string;
  type: string;
  status: string;
  asset: { id: string };
  product: { id: string };
}

/** Place as many orders as asked. @throws ConnectError as `POST /requests` does */
export function placeOrders(store: Store, spec: OrderSpec): PlacedOrder[] {
  const placed: PlacedOrder[] = [];
  for (let n = 1; n <= (spec.count ?? 1); n += 1) {
    const request = placeOne(store, spec, n);
    if (spec.assignee !== undefined) request.assignee = assigneeOf({ id: spec.assignee });
    if (spec.sliZone !== undefined) measure(store, request, spec.sliZone);
    placed.push(placedView(request));
  }
  return placed;
}

function measure(store: Store, request: FulfillmentRequest, zone: number): void {
  for (const late of [request, ...setupsFor(store, request)]) late.sliZone = zone;
}

function placeOne(store: Store, spec: OrderSpec, n: number): FulfillmentRequest {
  const type = spec.type ?? 'purchase';
  const status = spec.draft === true ? 'draft' : undefined;
  const named = spec.admin_email ?? spec.params?.['admin_email'];
  const email = (named ?? (type === 'purchase' ? 'admin-{n}@customer.example' : '')).replaceAll('{n}', String(n));
  const values = { ...spec.params, ...(email !== '' && { admin_email: email }) };
  const params = Object.entries(values).map(([id, value]) => ({ id, value }));
  if (type !== 'purchase') {
    const seats = store.assets.get(spec.asset ?? '')?.items.find(({ mpn }) => mpn === 'SEAT')?.quantity;
    const items = type === 'change' ? [{ mpn: 'SEAT', quantity: spec.quantity ?? Number(seats ?? 0) + 2 }] : undefined;
    const by = type === 'adjustment' ? VENDOR : DISTRIBUTOR;
    return placeOrder(store, { type, status, asset: { id: spec.asset, items, params } }, by);
  }
  return placeOrder(
    store,
    {
      type,
      status,
      marketplace: spec.marketplace === undefined ? undefined : { id: spec.marketplace },
      asset: {
        product: { id: spec.product },
        connection: { type: spec.connection ?? 'production' },
        items: [{ mpn: 'SEAT', quantity: spec.quantity ?? 5 }],
        params,
        tiers: tiersOf(spec),
      },
    },
    DISTRIBUTOR,
  );
}

function tiersOf({ reseller = 'sandbox-reseller' }: OrderSpec): object {
  const parent = `${reseller}-parent`;
  return {
    tier1: { external_uid: reseller, external_id: reseller, name: `Reseller ${reseller}` },
    tier2: { external_uid: parent, external_id: parent, name: `Reseller ${parent}` },
  };
}

export function placedView({ id, type, status, asset }: FulfillmentRequest): PlacedOrder {
  return { id, type, status, asset: { id: asset.id }, product: { id: asset.product.id } };
}

export interface SubscriptionSpec extends Pick<
  OrderSpec,
  'product' | 'count' | 'admin_email' | 'quantity' | 'reseller' | 'connection' | 'marketplace'
> {
  /** `active` unless `suspended`. */
  status?: 'active' | 'suspended';
}

export const SUBSCRIPTION: Fields<SubscriptionSpec> = { ...BOUGHT, status: oneOf('active', 'suspended') };

export interface SeededSubscription {
  asset: string;
  /** The approved purchase. */
  request: string;
  tenantId: string;
}

/** Subscriptions that are active already, each with its tenant at the vendor and its tier configurations. */
export function seedSubscriptions(store: Store, tenants: Tenants, spec: SubscriptionSpec): SeededSubscription[] {
  const seeded: SeededSubscription[] = [];
  for (let n = 1; n <= (spec.count ?? 1); n += 1) {
    const request = placeOne(store, { ...spec, type: 'purchase' }, n);
    setUpTiers(store, request);
    const limit = Number(request.items.find(({ mpn }) => mpn === 'SEAT')?.quantity);
    const email = request.params.find(({ id }) => id === 'admin_email')?.value;
    const external_id = request.asset.id;
    const { tenantId } = tenants.create({ external_id, admin_email: email, licences: { limit } }, request.id);
    requests.save(store, request, { asset: { params: [{ id: 'subscription_id', value: tenantId }] } });
    approve(store, request);
    if (spec.status === 'suspended') {
      approve(store, placeOrder(store, { type: 'suspend', asset: { id: external_id } }, DISTRIBUTOR));
      tenants.setStatus(tenantId, 'disabled');
    }
    seeded.push({ asset: external_id, request: request.id, tenantId });
  }
  return seeded;
}

function approve(store: Store, request: FulfillmentRequest): void {
  const template = findTemplate(request.asset.product, { scope: 'asset', type: 'fulfillment' });
  requests.approve(store, request, { template_id: template?.id }, VENDOR);
}

/** Approve what a seeded purchase waits for: tier 2 first, which makes tier 1 pending. */
function setUpTiers(store: Store, request: FulfillmentRequest): void {
  for (const setup of setupsFor(store, request)) {
    const scope = `tier${setup.configuration.level}` as const;
    tierRequests.save(store, setup, { params: [{ id: 'reseller_id', value: `reseller-${setup.configuration.id}` }] });
    const template = findTemplate(setup.configuration.product, { scope });
    tierRequests.approve(store, setup, { template: { id: template?.id } }, VENDOR);
  }
}
