import { requestKind } from '../src/domain/ids';
import type { Assignee, Origin } from '../src/domain/selection';

/** A request of which Connect asks something: pending, or being revoked. Times are ISO 8601. Of one that could not be read there is the id alone. */
export interface PendingRequest extends Partial<Omit<Origin, 'type'>> {
  id: string;
  /** `purchase`, …, `tier-setup`, …; `revoke` of whatever is being revoked; Connect's own word where we do not know it; empty where it could not be read. */
  type: string;
  created: string;
  /** `sli.zone`: 0, and higher the later it is; absent where Connect measures no service level for it. */
  sliZone?: number | undefined;
  /** The subscription, or the tier configuration. */
  assetId?: string;
  /** 1 or 2 of a tier config request. */
  tierLevel?: number;
  assignee?: Assignee | undefined;
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

/** True where a request was created before another. */
export function isOlder(request: PendingRequest, other: PendingRequest): boolean {
  return age(request) < age(other);
}

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
