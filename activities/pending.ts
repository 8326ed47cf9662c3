import { requestKind } from '../src/domain/ids';

/** A request of which Connect asks something: pending, or being revoked. Times are ISO 8601. */
export interface PendingRequest {
  id: string;
  /** `purchase`, …, `tier-setup`, …; `revoke` of whatever is being revoked; Connect's own word where we do not know it; empty where it could not be read. */
  type: string;
  created: string;
  /** `sli.zone`: 0, and higher the later it is; absent where Connect measures no service level for it. */
  sliZone?: number | undefined;
  productId?: string;
  /** The subscription, or the tier configuration. */
  assetId?: string;
  /** 1 or 2 of a tier config request. */
  tierLevel?: number;
}

/**
 * Where a request stands in line, as a text to compare: tier config requests before fulfillment requests, tier 2 before tier 1, as Connect
 * needs them approved; then those that are latest by their service level; then the oldest. An attempt of a round goes on by it after another.
 */
export function place(request: PendingRequest): string {
  const { id, tierLevel, sliZone = 0 } = request;
  const kind = requestKind(id) === 'tierConfig' ? (tierLevel === 2 ? '0' : '1') : '2';
  return `${kind} ${HIGHEST_ZONE - Math.min(sliZone, HIGHEST_ZONE)} ${age(request)}`;
}

/** Of one digit. Connect's portal shows seven. */
const HIGHEST_ZONE = 9;

/** As a text to compare: the older is the lesser. */
function age({ id, created }: PendingRequest): string {
  const at = Date.parse(created);
  return `${Number.isNaN(at) ? created : new Date(at).toISOString()} ${id}`;
}

export function inOrder(requests: Iterable<PendingRequest>): PendingRequest[] {
  return [...requests]
    .map((request) => ({ request, key: place(request) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ request }) => request);
}

/** Of several requests for one subscription only the oldest goes on; the others wait behind it, however late they are. */
export function oldestOfEach(requests: readonly PendingRequest[]): {
  first: PendingRequest[];
  behind: PendingRequest[];
} {
  const oldest = new Map<string, PendingRequest>();
  for (const request of requests) {
    const { assetId } = request;
    if (assetId === undefined) continue;
    const other = oldest.get(assetId);
    if (!other || age(request) < age(other)) oldest.set(assetId, request);
  }
  const isFirst = (request: PendingRequest) => request.assetId === undefined || oldest.get(request.assetId) === request;
  return { first: requests.filter(isFirst), behind: requests.filter((request) => !isFirst(request)) };
}
