import type { ConnectClient } from '../src/connect/client';
import type { ReportedAsset } from '../src/connect/assets';
import { type Left, type Selection, whyNotReported, whyNoUsageFile } from '../src/domain/selection';
import type { UsageRecord } from '../src/sdk/usage';

/** What of a subscription its usage needs; an empty text where Connect does not say. */
export interface UsageAsset {
  id: string;
  status: string;
  contractId: string;
  marketplaceId: string;
  /** Why its usage is not reported; undefined where it is. */
  notSelected: Left | undefined;
}

type Reference = UsageRecord['asset'];

/** So many subscriptions are asked for at once, by names of so many characters together: a URL holds no more. */
const AT_ONCE = 100;
const MOST_CHARACTERS = 4_000;

/** A reference, for people. */
export const assetText = (asset: Reference) =>
  typeof asset === 'string' ? asset : `${asset.parameter}=${asset.value}`;

/** The same for the same reference, and for no other. */
const keyOf = (asset: Reference) => JSON.stringify(typeof asset === 'string' ? asset : [asset.parameter, asset.value]);

/**
 * Finds the subscriptions of a product, each asked for once. `undefined` for one that Connect does not have, or that several could be meant by.
 *
 * Made anew for each pass over the records; it remembers a hundred bytes for each subscription.
 *
 * @param selection whose usage is reported; left out, everybody's
 */
export function createAssetFinder(
  connect: Pick<ConnectClient, 'assets'>,
  productId: string,
  signal: AbortSignal,
  selection?: Selection,
) {
  const known = new Map<string, UsageAsset | undefined>();

  /** What is kept of a subscription, since there may be a hundred thousand. */
  function short({ id, status, connection, contract, marketplace }: ReportedAsset): UsageAsset {
    const [contractId, marketplaceId] = [contract?.id ?? '', marketplace?.id ?? ''];
    const place = { productId, connectionType: connection?.type ?? '', marketplaceId, contractId };
    const notSelected = (selection && whyNotReported(selection, place)) ?? whyNoUsageFile(place);
    return { id, status, contractId, marketplaceId, notSelected };
  }

  async function findByIds(ids: readonly string[]): Promise<void> {
    for (const asset of await connect.assets.withIds(productId, ids, { signal }))
      known.set(keyOf(asset.id), short(asset));
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
      known.set(keyOf({ parameter, value }), living.length === 1 ? living[0] : undefined);
    }
  }

  return {
    /** Sees to it that `get` knows these. */
    async prepare(references: readonly Reference[]): Promise<void> {
      const unknown = new Map(references.map((one) => [keyOf(one), one] as const).filter(([key]) => !known.has(key)));
      for (const key of unknown.keys()) known.set(key, undefined);
      const ids: string[] = [];
      const values = new Map<string, string[]>();
      for (const reference of [...unknown.values()].filter(canBeAsked)) {
        if (typeof reference === 'string') ids.push(reference);
        else values.set(reference.parameter, [...(values.get(reference.parameter) ?? []), reference.value]);
      }
      const calls = batches(ids).map((batch) => findByIds(batch));
      for (const [parameter, all] of values) {
        for (const batch of batches(all)) calls.push(findByParameter(parameter, batch));
      }
      await Promise.all(calls);
    },

    get: (reference: Reference): UsageAsset | undefined => known.get(keyOf(reference)),
  };
}

/** Nobody has a subscription by a name that cannot be sent: one bad record would stop all others. */
function canBeAsked(reference: Reference): boolean {
  if (typeof reference === 'string') return /^AS-[\w-]{1,60}$/.test(reference);
  return [reference.parameter, reference.value].every(
    (text) =>
      !/\p{Cs}/u.test(text) && // half a character
      encodeURIComponent(text).length <= MOST_CHARACTERS / 2 &&
      !(text.includes('"') && text.includes("'")), // RQL cannot say it
  );
}

function batches(all: readonly string[]): string[][] {
  const made: string[][] = [];
  let characters = 0;
  for (const one of all) {
    const length = encodeURIComponent(`,"${one}"`).length;
    const last = made.at(-1);
    if (last && last.length < AT_ONCE && characters + length <= MOST_CHARACTERS) {
      last.push(one);
      characters += length;
    } else {
      made.push([one]);
      characters = length;
    }
  }
  return made;
}
