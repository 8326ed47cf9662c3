import type { Parameter } from '../connect/parameter';
import type { FulfillmentRequest } from '../connect/requests';
import type { TierConfigRequest } from '../connect/tier-config-requests';
import { itemChanges, type ItemChanges, quantityOf } from '../domain/items';
import { findParam } from '../domain/parameters';
import type { Waited } from '../domain/request-run';

/** A handler's log: JSON lines that carry the request's id. Nothing secret belongs in it. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** What every handler is given. Read afresh from Connect for each call. */
export interface RequestContext {
  /** `PR-…` or `TCR-…` */
  readonly id: string;
  /** Never changes for a request, however often the handler is called: pass it to an API that takes one. */
  readonly idempotencyKey: string;
  /** Aborted when the handler's time is over or the worker stops. Pass it to every call. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** What earlier calls for this request have asked for with `wait`: how often, and how many seconds ago for the first time. */
  readonly waited: { readonly times: number; readonly seconds: number };
  /** All parameters with their phase, type, value and error. */
  readonly params: readonly Parameter[];
  /**
   * The text value of a parameter, of whatever phase; `''` where it is empty.
   *
   * @throws ParameterMissing, which parks the request
   */
  param(id: string): string;
  /**
   * The structured value of a `checkbox`, `phone`, `address` or `object`; `{}` where it is empty.
   *
   * @throws ParameterMissing, which parks the request
   */
  structuredParam(id: string): Record<string, unknown>;
}

type Asset = FulfillmentRequest['asset'];
export type Item = Asset['items'][number];

/** What the handler of a purchase, change, suspension, resumption, cancellation or adjustment is given. */
export interface FulfillmentContext extends RequestContext {
  /** Connect's word: `purchase`, `change`, … */
  readonly type: string;
  /** For when it is planned, by the distributor, or by `schedule`, ISO 8601; empty where it is not. Mostly over: see `beforePlannedDate`. */
  readonly plannedDate: string;
  /** The subscription: id, external ids, status, connection, configuration. Its id finds what an earlier attempt created. */
  readonly asset: Asset;
  readonly product: Asset['product'];
  readonly marketplace: FulfillmentRequest['marketplace'];
  readonly contract: FulfillmentRequest['contract'];
  /** `customer`, `tier1`, `tier2`, each with contact data. */
  readonly tiers: Asset['tiers'];
  /** All items of the product; those that were not bought have quantity `0`. */
  readonly items: readonly Item[];
  /**
   * The quantity asked for, by MPN: 0 where the item is not there, `Infinity` for unlimited.
   *
   * @throws QuantityUnreadable, which parks the request
   */
  quantity(mpn: string): number;
  /**
   * What the request adds, removes and alters, of all items.
   *
   * @throws QuantityUnreadable, which parks the request, where the quantity of any item cannot be read
   */
  readonly changes: ItemChanges<Item>;
  /**
   * The parameters of the reseller's tier configuration for this product: for example what your `tierConfig` handler saved. Costs one
   * call to Connect for each level, the first time.
   *
   * @returns empty where the reseller has none
   */
  tierParams(level: 1 | 2): Promise<readonly Parameter[]>;
}

/** What the handler of a tier config request is given. */
export interface TierConfigContext extends RequestContext {
  readonly type: string;
  /** 1, or 2 for the reseller above it. */
  readonly level: 1 | 2;
  /** The reseller. */
  readonly account: TierConfigRequest['configuration']['account'];
  readonly configuration: TierConfigRequest['configuration'];
  readonly product: TierConfigRequest['configuration']['product'];
  readonly tiers: TierConfigRequest['tiers'];
}

/** What a context takes from its surroundings. */
export interface Surroundings {
  signal: AbortSignal;
  log: Logger;
  waited?: Waited | undefined;
}

function waitedSoFar(waited: Waited | undefined): RequestContext['waited'] {
  if (!waited) return { times: 0, seconds: 0 };
  return { times: waited.times, seconds: Math.round((Date.now() - Date.parse(waited.since)) / 1000) };
}

function parameterAccess(params: readonly Parameter[]) {
  return {
    params,
    param: (id: string) => findParam(params, id).value,
    structuredParam: (id: string) => findParam(params, id).structured_value ?? {},
  };
}

/** @param tierParams reads the parameters of a reseller's tier configuration from Connect */
export function fulfillmentContext(
  request: FulfillmentRequest,
  { signal, log, waited, tierParams }: Surroundings & { tierParams: FulfillmentContext['tierParams'] },
): FulfillmentContext {
  const { id, type, asset, marketplace, contract, planned_date: plannedDate } = request;
  const { items, product, tiers } = asset;
  let changes: ItemChanges<Item> | undefined;
  return {
    ...parameterAccess(asset.params),
    id,
    type,
    idempotencyKey: id,
    signal,
    log,
    waited: waitedSoFar(waited),
    plannedDate,
    asset,
    product,
    marketplace,
    contract,
    tiers,
    items,
    tierParams,
    quantity(mpn) {
      const item = items.find((one) => one.mpn === mpn);
      return item ? quantityOf(item) : 0;
    },
    get changes() {
      return (changes ??= itemChanges(items)); // when asked for: an odd quantity is no matter to a handler that does not
    },
  };
}

export function tierConfigContext(
  request: TierConfigRequest,
  { signal, log, waited }: Surroundings,
): TierConfigContext {
  const { id, type, configuration, params, tiers } = request;
  const { account, product, tier_level } = configuration;
  const level = tier_level === 2 ? 2 : 1;
  return {
    ...parameterAccess(params),
    id,
    type,
    idempotencyKey: id,
    signal,
    log,
    waited: waitedSoFar(waited),
    level,
    account,
    configuration,
    product,
    tiers,
  };
}
