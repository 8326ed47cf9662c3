import { requestKind } from '../src/domain/ids';
import type { Assignee, Origin } from '../src/domain/selection';

/** A request of which Connect asks something: pending, or being revoked. Times are ISO 8601. Of one that could not be read there is the id alone. */
export interface PendingRequest extends Partial<Omit<Origin, 'type'>> {
  id: string;
  /** `purchase`, …, `tier-setup`, …; `revoke` of whatever is being revoked; Connect's own word where we do not know it; empty where it could not be read. */
  type: string;
  created: string;
  /** The subscription, or the tier configuration. */
  assetId?: string;
  /** 1 or 2 of a tier config request. */
  tierLevel?: number;
  assignee?: Assignee | undefined;
}

/**
 * Where a request stands in line, as a text to compare: tier config requests before fulfillment requests, tier 2 before tier 1, as Connect
 * needs them approved; then the oldest first. The same for every attempt of a round, so it serves as its cursor.
 */
export function place({ id, created, tierLevel }: PendingRequest): string {
  const kind = requestKind(id) === 'tierConfig' ? (tierLevel === 2 ? '0' : '1') : '2';
  const at = Date.parse(created);
  return `${kind} ${Number.isNaN(at) ? created : new Date(at).toISOString()} ${id}`;
}

export function inOrder(requests: Iterable<PendingRequest>): PendingRequest[] {
  return [...requests]
    .map((request) => ({ request, key: place(request) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ request }) => request);
}
