import { type IsOpen, oneAtATime } from '../../../activities/left';
import { originOf, tierOriginOf } from '../../domain/origin';
import type { Config } from '../../config';
import type { ConnectClient } from '../../connect/client';
import { ConnectApiError } from '../../connect/errors';
import type { Parameter } from '../../connect/parameter';
import { and, eq, oneOf } from '../../connect/rql';
import { requestKind } from '../../domain/ids';
import { REVOKING } from '../../domain/request-run';
import type { Vendors } from '../../sdk/vendor';
import { inUtc } from '../in-utc';
import { itemLines } from './item-lines';
import { pendingNow } from './pending-now';

/** What a dry run reads of a request. */
export interface RequestRead {
  status: string;
  /** As in `ConnectRequestType`: `purchase`, …, `tier-setup`, … */
  type: string;
  /** For when it is planned, ISO 8601; undefined where it is not. */
  plannedDate: string | undefined;
  productId: string;
  /** `production`, `test`, `preview`; empty where Connect does not say. */
  connectionType: string;
  /** The subscription, or the tier configuration. */
  assetId: string;
  items: string[];
  params: readonly Parameter[];
  /** Ids of the tier accounts whose configurations come before it. */
  resellers: string[];
}

/** @throws Error that says whose turn it is, where Connect does not have it */
export async function readWhole(connect: ConnectClient, id: string): Promise<RequestRead> {
  try {
    return requestKind(id) === 'tierConfig' ? await readTierConfig(connect, id) : await readFulfillment(connect, id);
  } catch (error) {
    if (!(error instanceof ConnectApiError && error.status === 404 && error.fromConnect)) throw error;
    throw new Error(`Connect does not know ${id}. Check the id; then whose account CONNECT_API_KEY is of.`, {
      cause: error,
    });
  }
}

async function readFulfillment(connect: ConnectClient, id: string): Promise<RequestRead> {
  const request = await connect.requests.get(id);
  const { status, asset } = request;
  const { type, productId, connectionType } = originOf(request);
  const resellers = [asset.tiers.tier1?.id, asset.tiers.tier2?.id].filter((account) => account !== undefined);
  const { id: assetId, items, params } = asset;
  const plannedDate = request.planned_date ? inUtc(request.planned_date) : undefined;
  return { status, type, plannedDate, productId, connectionType, assetId, items: itemLines(items), params, resellers };
}

async function readTierConfig(connect: ConnectClient, id: string): Promise<RequestRead> {
  const request = await connect.tierConfigRequests.get(id);
  const { status, params, tiers, configuration } = request;
  const { type, productId, connectionType } = tierOriginOf(request);
  const above = configuration.tier_level === 1 ? [tiers.tier2?.id].filter((account) => account !== undefined) : [];
  const shared = { status, type, productId, connectionType, params, plannedDate: undefined };
  return { ...shared, assetId: configuration.id, items: [], resellers: above };
}

/** What keeps a request from its turn, or goes before it. */
export interface Standing {
  /** Why no round would start it; undefined where one would. */
  left: string | undefined;
  /** The id of a request of the same subscription that it waits behind: an older one, or one whose run is open. */
  behind: string | undefined;
  /** Open requests about the configurations of its resellers, for the same product and connection. */
  tierRequests: { id: string; type: string; level: number }[];
}

/** What is said of a request that is behind another. */
export const waitsBehind = (other: string) =>
  `${other}, of the same subscription or configuration: it waits until that is done`;

/**
 * Asks what a round asks, of this one request.
 *
 * @param isOpen whether a request has an open run; left out, nothing is known of runs
 */
export async function standingOf(
  id: string,
  read: RequestRead,
  {
    connect,
    vendors,
    config,
    isOpen = () => Promise.resolve(false),
  }: { connect: ConnectClient; vendors: Vendors; config: Config; isOpen?: IsOpen },
): Promise<Standing> {
  const { status, productId, assetId } = read;
  const tierRequests = await openTierRequests(connect, read);
  if (status !== 'pending' && status !== REVOKING) return { left: undefined, behind: undefined, tierRequests };

  const span = requestKind(id) === 'tierConfig' ? 'everything' : { assets: [assetId] };
  const { left, behind } = await oneAtATime(await pendingNow(connect, [productId], span, { config, vendors }), isOpen);
  const isOurs = config.connect.products.includes(productId);
  return {
    left: isOurs ? left.find(({ request }) => request.id === id)?.text : `CONNECT_PRODUCTS does not list ${productId}`,
    behind: behind.find(({ request }) => request.id === id)?.of,
    tierRequests,
  };
}

async function openTierRequests(
  connect: ConnectClient,
  { productId, connectionType, resellers }: RequestRead,
): Promise<Standing['tierRequests']> {
  if (resellers.length === 0) return [];
  const filter = and(
    oneOf('status', ['tiers_setup', 'pending', 'inquiring']),
    eq('configuration.product.id', productId),
    oneOf('configuration.account.id', resellers),
  );
  const found = [];
  for await (const { items } of connect.tierConfigRequests.list({ filter, ordering: ['created'] })) {
    const own = items.filter((item) => item.connectionType === connectionType);
    found.push(...own.map(({ id, type, tierLevel }) => ({ id, type: `tier-${type}`, level: tierLevel })));
  }
  return found;
}
