import type { Outcome } from './outcome';
import type { FulfillmentContext, TierConfigContext } from './request-context';
import { FULFILLMENT_HANDLERS, type FulfillmentHandler, type TierConfigHandler, type Vendor } from './vendor';

/** Every type of request that a vendor may handle, as `ConnectRequestType` has it. */
export const REQUEST_TYPES = [
  'purchase',
  ...FULFILLMENT_HANDLERS,
  ...(['tier-setup', 'tier-update', 'tier-adjustment'] as const),
] as const;

/** A handler, whichever way it was written. */
export interface Call<Context> {
  run(request: Context): Promise<Outcome>;
  /** Its own time limit; undefined for the default. */
  seconds: number | undefined;
  /** True where it is called although the planned date of the request lies ahead. */
  beforePlannedDate?: boolean | undefined;
  /** True where what it made is given back when the request does not come to a good end. */
  releases?: boolean;
}

/** @returns undefined where the vendor has no handler for that type of fulfillment request */
export function fulfillmentCall(vendor: Vendor, type: string): Call<FulfillmentContext> | undefined {
  if (type === 'purchase') return purchaseCall(vendor);
  const name = FULFILLMENT_HANDLERS.find((one) => one === type);
  return name && callOf(vendor[name]);
}

function purchaseCall({ purchase }: Vendor): Call<FulfillmentContext> | undefined {
  return (
    purchase && {
      run: async (request) => (await purchase.find(request)) ?? (await purchase.create(request)),
      seconds: purchase.timeLimitSeconds,
      beforePlannedDate: purchase.beforePlannedDate,
      releases: purchase.release !== undefined,
    }
  );
}

/**
 * Gives back what a purchase made, where `find` finds it.
 *
 * @returns undefined where the vendor gives nothing back; its `run` tells whether there was anything
 */
export function releaseCall({ purchase }: Vendor) {
  if (!purchase?.release) return undefined;
  return {
    seconds: purchase.timeLimitSeconds,
    async run(request: FulfillmentContext): Promise<boolean> {
      if ((await purchase.find(request)) === undefined) return false;
      await purchase.release?.(request);
      return true;
    },
  };
}

export function tierConfigCall(vendor: Vendor): Call<TierConfigContext> | undefined {
  return callOf(vendor.tierConfig);
}

/** @param type as in `ConnectRequestType`: `purchase`, …, `tier-setup`, … */
export function callFor(vendor: Vendor, type: string): Omit<Call<never>, 'run'> | undefined {
  return type.startsWith('tier-') ? tierConfigCall(vendor) : fulfillmentCall(vendor, type);
}

function callOf(handler: FulfillmentHandler | undefined): Call<FulfillmentContext> | undefined;
function callOf(handler: TierConfigHandler | undefined): Call<TierConfigContext> | undefined;
function callOf<Context>(
  handler:
    | ((request: Context) => Promise<Outcome>)
    | { handle(request: Context): Promise<Outcome>; timeLimitSeconds?: number; beforePlannedDate?: boolean }
    | undefined,
): Call<Context> | undefined {
  if (handler === undefined) return undefined;
  if (typeof handler === 'function') return { run: handler, seconds: undefined };
  const { timeLimitSeconds: seconds, beforePlannedDate } = handler;
  return { run: (request) => handler.handle(request), seconds, beforePlannedDate };
}
