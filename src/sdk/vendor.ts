import { LONGEST_HANDLER_SECONDS } from '../domain/request-run';
import type { Outcome } from './outcome';
import type { ActionHook } from './product-action';
import type { FulfillmentContext, TierConfigContext } from './request-context';
import { type UsageHook, usageProblems, type UsageReporting } from './usage';
import { type ValidateHooks, validateProblems } from './validation';

/**
 * What a vendor implements: one optional handler for each type of request.
 *
 * A handler that is absent is a capability that is absent: such requests stay pending in Connect for a person, and are listed by
 * `connect-processor requests list --unhandled`.
 *
 * A handler is called at least once for a request, perhaps more often: after a crash, a lost answer, a wait. So it looks before it creates,
 * or passes `request.idempotencyKey` on. It is stopped through `request.signal` when its time is over.
 */
export interface Vendor {
  purchase?: PurchaseHandler;
  change?: FulfillmentHandler;
  suspend?: FulfillmentHandler;
  resume?: FulfillmentHandler;
  cancel?: FulfillmentHandler;
  renew?: FulfillmentHandler;
  transfer?: FulfillmentHandler;
  /**
   * Undoes what was prepared for a request of whatever type that was scheduled and that the distributor has revoked since: `approve()` confirms
   * the revocation. It cannot be inquired about, refused or scheduled.
   */
  revoke?: FulfillmentHandler;
  /** A correction that the vendor itself created in Connect. */
  adjustment?: FulfillmentHandler;
  /** A reseller's configuration for the product, of either tier level: its setup, update or adjustment. */
  tierConfig?: TierConfigHandler;

  /** What was used of pay-as-you-go items, once a month. */
  usage?: UsageHook | UsageReporting;

  /** Checks drafts of requests while the customer enters them. Needs `connect-processor listen`. */
  validate?: ValidateHooks;
  /** Where a product action leads. Needs `connect-processor listen`. */
  action?: ActionHook;

  /** The ids of the parameters that the handlers save, for `doctor` to look for in every product. */
  writes?: { asset?: readonly string[]; tier1?: readonly string[]; tier2?: readonly string[] };

  /** Asks the vendor's own API whether it is there and lets us in, for `doctor`. Throws where not; has 15 s. */
  check?(signal: AbortSignal): Promise<void>;
}

export type FulfillmentHandler = Handler<FulfillmentContext, BeforePlannedDate>;
export type TierConfigHandler = Handler<TierConfigContext>;

/** When a handler is called for an order that the distributor has placed for a later date. */
interface BeforePlannedDate {
  /**
   * True: as soon as the request is pending. `request.plannedDate` says for when it is planned, and the handler returns what is to be done until
   * then: `schedule(request.plannedDate)`, after it has prepared something, or an approval where the vendor's API keeps the date itself.
   *
   * Default false: the request is put off in Connect until its planned date, and the handler is called then.
   */
  beforePlannedDate?: boolean;
}

/** A function, or an object where a handler needs longer than a minute, or says more. */
type Handler<Context, More = unknown> =
  | ((request: Context) => Promise<Outcome>)
  | (More & {
      handle(request: Context): Promise<Outcome>;
      /** Seconds until a call counts as failed and is tried again; default 60, at most 3,600. */
      timeLimitSeconds?: number;
    });

/**
 * A purchase in two halves, so that a subscription is never created twice: `find` is asked first, each time; only where it finds nothing is
 * `create` called.
 */
export interface PurchaseHandler extends BeforePlannedDate {
  /**
   * Looks for what an earlier attempt created, by the subscription's id in Connect (`request.asset.id`), or by a parameter saved before.
   *
   * A password that only the creation tells is lost with a lost answer: where such a parameter is still empty, set a new one here.
   *
   * `connect-processor requests dry-run` calls it too, and presumes that it only reads.
   *
   * @returns the outcome for the subscription that is there, or undefined where there is none
   */
  find(request: FulfillmentContext): Promise<Outcome | undefined>;
  /**
   * Creates it, with `request.idempotencyKey` where the vendor's API takes one, or a unique external id such as `request.asset.id`.
   *
   * One of the two is what holds where calls overlap: a call that does not stop when `request.signal` is aborted may still be creating while
   * the next one's `find` sees nothing yet.
   */
  create(request: FulfillmentContext): Promise<Outcome>;
  /**
   * Gives back what `create` made, where the purchase ended without a subscription: it failed, whoever failed it, or an operator cancelled its
   * run. Never called for a request that is approved.
   *
   * `find` is asked first, and where it finds nothing this is not called: so `find` has to look by the subscription's id in Connect, since a
   * crash may come before anything is saved. It is tried again until it returns, so what is gone already is no fault.
   *
   * Absent: what was made stays.
   */
  release?(request: FulfillmentContext): Promise<void>;
  /** Seconds that `find` and `create` may take together, and `find` and `release`; default 60, at most 3,600. */
  timeLimitSeconds?: number;
}

/** What the configuration says of the vendor. */
export interface VendorSettings {
  /** `VENDOR_API_URL`, without a trailing slash. */
  apiUrl: string | undefined;
  /** `VENDOR_API_KEY`. */
  apiKey: string | undefined;
  /** True where `EXAMPLE_VENDOR=allow`: the example that ships with the product may work. */
  exampleAllowed: boolean;
}

/** A vendor that is built from its settings. */
export type VendorFactory = (settings: VendorSettings) => Vendor;

/** Of every type of fulfillment request but a purchase, whose handler has two halves. */
export const FULFILLMENT_HANDLERS = [
  ...(['change', 'suspend', 'resume', 'cancel', 'renew', 'transfer'] as const),
  ...(['adjustment', 'revoke'] as const),
] as const;
const MEMBERS = new Set([
  ...['purchase', 'tierConfig', 'usage', 'validate', 'action', 'writes', 'check'],
  ...FULFILLMENT_HANDLERS,
]);

/**
 * Declares a vendor, and checks its shape.
 *
 * @param vendor the handlers, or a function that builds them from the settings
 * @throws TypeError that names each member that does not fit
 */
export function defineVendor<V extends Vendor | VendorFactory>(vendor: V): V {
  if (typeof vendor === 'function') return ((settings) => checked(vendor(settings))) as V;
  return checked(vendor) as V;
}

function checked(vendor: Vendor): Vendor {
  const problems = isObject(vendor) ? problemsOf(vendor) : ['it is not an object'];
  if (problems.length > 0)
    throw new TypeError(`The vendor does not fit: ${problems.join('; ')}. See docs/write-your-vendor.md.`);
  return vendor;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function problemsOf(vendor: Vendor): string[] {
  if ('then' in vendor) return ['it is a promise: give the vendor itself, or a function that returns it at once'];
  const problems = Object.keys(vendor)
    .filter((name) => !MEMBERS.has(name))
    .map((name) => `"${name}" is not one of ${[...MEMBERS].join(', ')}`);
  const purchase = vendor.purchase as Partial<PurchaseHandler> | null | undefined; // null: a vendor's code may be JavaScript
  if (purchase !== undefined) {
    if (typeof purchase?.find !== 'function') problems.push('purchase.find must be a function');
    if (typeof purchase?.create !== 'function') problems.push('purchase.create must be a function');
    const { release } = purchase ?? {};
    if (release !== undefined && typeof release !== 'function') problems.push('purchase.release must be a function');
  }
  for (const name of [...FULFILLMENT_HANDLERS, 'tierConfig'] as const) {
    const handler = vendor[name];
    if (handler === undefined || typeof handler === 'function') continue;
    if (typeof handler?.handle !== 'function') problems.push(`${name} must be a function, or have a function "handle"`);
  }
  for (const name of ['purchase', 'tierConfig', ...FULFILLMENT_HANDLERS] as const) {
    const handler = (vendor[name] ?? {}) as Record<string, unknown>;
    problems.push(...unknownMembers(name, handler));
    const { timeLimitSeconds: seconds, beforePlannedDate } = handler;
    if (seconds !== undefined && !(typeof seconds === 'number' && seconds > 0 && seconds <= LONGEST_HANDLER_SECONDS)) {
      problems.push(`${name}.timeLimitSeconds must be more than 0 and at most ${LONGEST_HANDLER_SECONDS}`);
    }
    if (beforePlannedDate !== undefined && typeof beforePlannedDate !== 'boolean') {
      problems.push(`${name}.beforePlannedDate must be true or false`);
    }
  }
  if (vendor.usage !== undefined) problems.push(...usageProblems(vendor.usage));
  if (vendor.validate !== undefined) problems.push(...validateProblems(vendor.validate));
  for (const name of ['action', 'check'] as const) {
    if (vendor[name] !== undefined && typeof vendor[name] !== 'function') problems.push(`${name} must be a function`);
  }
  if (vendor.writes !== undefined) problems.push(...writesProblems(vendor.writes));
  return problems;
}

/** A `relase` would never be called, and nobody told. An object of a class may have what it likes beside. */
function unknownMembers(name: string, handler: object): string[] {
  if (Object.getPrototypeOf(handler) !== Object.prototype) return [];
  const halves = name === 'purchase' ? ['find', 'create', 'release'] : ['handle'];
  const members = [...halves, 'timeLimitSeconds', 'beforePlannedDate'];
  return Object.keys(handler)
    .filter((member) => !members.includes(member))
    .map((member) => `${name}.${member} is not one of ${members.join(', ')}`);
}

const WRITES = ['asset', 'tier1', 'tier2'];

function writesProblems(writes: unknown): string[] {
  if (!isObject(writes)) return [`writes must be an object with lists of parameter ids: ${WRITES.join(', ')}`];
  return Object.entries(writes).flatMap(([scope, ids]: [string, unknown]) => {
    if (!WRITES.includes(scope)) return [`writes.${scope} is not one of ${WRITES.join(', ')}`];
    const isList = Array.isArray(ids) && ids.every((id) => typeof id === 'string' && id !== '');
    return isList || ids === undefined ? [] : [`writes.${scope} must be a list of parameter ids`];
  });
}

/** The vendor of each product that is ours, by the product's id: often one for all of them. */
export type Vendors = ReadonlyMap<string, Vendor>;

/** The vendor of a product; undefined for one that is not ours. */
export type VendorOf = (productId: string) => Vendor | undefined;

/** Builds a vendor from either form. */
export function resolveVendor(vendor: Vendor | VendorFactory, settings: VendorSettings): Vendor {
  return checked(typeof vendor === 'function' ? vendor(settings) : vendor);
}
