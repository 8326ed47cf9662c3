import type { ConnectClient } from '../src/connect/client';
import type { ReportedAsset } from '../src/connect/assets';
import type { UsageRecord } from '../src/sdk/usage';

/** What of a subscription its usage needs. */
export interface UsageAsset {
  id: string;
  status: string;
  contractId: string;
  marketplaceId: string;
}

type Reference = UsageRecord['asset'];

/** So many subscriptions are asked for at once: their ids stay below what a URL may hold. */
const AT_ONCE = 100;

/** A name of a reference, the same for the same. */
export const assetKey = (asset: Reference) => (typeof asset === 'string' ? asset : `${asset.parameter}=${asset.value}`);

/**
 * Finds the subscriptions of a product, each asked for once. `undefined` for one that Connect does not have, or that several could be meant by.
 *
 * Made anew for each pass over the records; it remembers a hundred bytes for each subscription.
 */
export function createAssetFinder(connect: Pick<ConnectClient, 'assets'>, productId: string, signal: AbortSignal) {
  const known = new Map<string, UsageAsset | undefined>();

  async function findByIds(ids: readonly string[]): Promise<void> {
    for (const asset of await connect.assets.withIds(productId, ids, { signal })) known.set(asset.id, short(asset));
  }

  async function findByParameter(parameter: string, values: readonly string[]): Promise<void> {
    const wanted = new Set(values);
    const found = new Map<string, UsageAsset[]>();
    for (const asset of await connect.assets.withParameter(productId, { id: parameter, values }, { signal })) {
      const value = asset.params.find(({ id }) => id === parameter)?.value;
      if (value !== undefined && wanted.has(value)) found.set(value, [...(found.get(value) ?? []), short(asset)]);
    }
    for (const [value, assets] of found) {
      const living = assets.length > 1 ? assets.filter(({ status }) => status !== 'terminated') : assets;
      known.set(assetKey({ parameter, value }), living.length === 1 ? living[0] : undefined);
    }
  }

  return {
    /** Sees to it that `get` knows these. */
    async prepare(references: readonly Reference[]): Promise<void> {
      const unknown = new Map(references.filter((one) => !known.has(assetKey(one))).map((one) => [assetKey(one), one]));
      for (const key of unknown.keys()) known.set(key, undefined);
      const ids: string[] = [];
      const values = new Map<string, string[]>();
      for (const reference of unknown.values()) {
        if (typeof reference === 'string') ids.push(reference);
        else values.set(reference.parameter, [...(values.get(reference.parameter) ?? []), reference.value]);
      }
      const calls = batches(ids).map((batch) => findByIds(batch));
      for (const [parameter, all] of values) {
        for (const batch of batches(all)) calls.push(findByParameter(parameter, batch));
      }
      await Promise.all(calls);
    },

    get: (reference: Reference): UsageAsset | undefined => known.get(assetKey(reference)),
  };
}

/** What is kept of a subscription, since there may be a hundred thousand. */
function short({ id, status, contract, marketplace }: ReportedAsset): UsageAsset {
  return { id, status, contractId: contract.id, marketplaceId: marketplace.id };
}

function batches<T>(all: readonly T[]): T[][] {
  const made: T[][] = [];
  for (let i = 0; i < all.length; i += AT_ONCE) made.push(all.slice(i, i + AT_ONCE));
  return made;
}
