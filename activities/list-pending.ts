import type { ConnectClient } from '../src/connect/client';
import type { Page } from '../src/connect/pages';
import { and, eq, type Filter, ge, oneOf } from '../src/connect/rql';
import { requestKind } from '../src/domain/ids';
import { REVOKE, REVOKING } from '../src/domain/request-run';
import type { PendingRequest } from './pending';

/** What was listed. */
export interface Listing {
  requests: Map<string, PendingRequest>;
  /** Connect's clock at its first answer; undefined where it sent none. */
  answeredAt: string | undefined;
  /** What Connect listed in a form that cannot be read, each once: by its id, or by its problem where it has none. */
  unreadable: Map<string, Page<unknown>['unreadable'][number]>;
  /** What could not be listed: the rest is there all the same. */
  errors: unknown[];
  /** False where a long list still brought something new when it was read for the last time: there may be more. */
  settled: boolean;
}

/** What a list is narrowed to, beside our products. */
export type Span = { since: string } | { ids: readonly string[] } | { assets: readonly string[] } | 'everything';

const IDS_A_CALL = 50;
const MOST_PASSES = 5;

/**
 * Lists pending requests of our products. A page that fails ends its own collection's list and nothing else; a request that cannot be read
 * but has an id is listed by its id alone, so that its run shows the trouble.
 *
 * Complete, although runs in flight take requests off the list while it is read. One page is Connect's list at one instant. Of several, a request
 * is passed over where so many before it leave that it slips from a page yet to come onto one that has been read. So the pages are read again
 * until a pass brings nothing new. In the next pass it stands on the earlier page, and to be passed over again it would have to slip across that
 * one as well: a thousand more would have to leave meanwhile, or older ones come back to just there. What even that hides, the next sweep lists.
 */
export async function listPending(
  connect: Pick<ConnectClient, 'requests' | 'tierConfigRequests'>,
  products: readonly string[],
  span: Span,
  signal: AbortSignal,
): Promise<Listing> {
  const listing: Listing = {
    requests: new Map(),
    answeredAt: undefined,
    unreadable: new Map(),
    errors: [],
    settled: true,
  };
  for (const narrowed of narrow(span, 'tierConfig')) {
    const filter = and(eq('status', 'pending'), oneOf('configuration.product.id', products), ...narrowed);
    const pages = () => connect.tierConfigRequests.list({ filter, ordering: ['created'] }, { signal });
    await collect(listing, signal, pages, ({ type, configurationId, ...request }) => ({
      ...request,
      type: `tier-${type}`,
      assetId: configurationId,
    }));
  }
  for (const narrowed of narrow(span, 'fulfillment')) {
    const statuses = ['pending', REVOKING];
    const filter = and(oneOf('status', statuses), oneOf('asset.product.id', products), ...narrowed);
    const pages = () => connect.requests.list({ filter, ordering: ['created'] }, { signal });
    await collect(listing, signal, pages, ({ status, type, ...request }) => ({
      ...request,
      type: status === REVOKING ? REVOKE : type,
    }));
  }
  return listing;
}

/** Reads a list until it brings nothing new. */
async function collect<T>(
  listing: Listing,
  signal: AbortSignal,
  pages: () => AsyncIterable<Page<T>>,
  toPending: (item: T) => PendingRequest,
): Promise<void> {
  try {
    for (let n = 1; n <= MOST_PASSES; n++) {
      const before = listing.requests.size;
      const count = await readThrough(listing, pages(), toPending);
      if (count === 1 || listing.requests.size === before) return;
    }
    listing.settled = false;
  } catch (error) {
    if (signal.aborted) throw error;
    listing.errors.push(error);
  }
}

/** @returns how many pages there were */
async function readThrough<T>(
  listing: Listing,
  pages: AsyncIterable<Page<T>>,
  toPending: (item: T) => PendingRequest,
): Promise<number> {
  const add = (request: PendingRequest) => listing.requests.set(request.id, request);
  let count = 0;
  for await (const page of pages) {
    count++;
    listing.answeredAt ??= page.answeredAt;
    page.items.map(toPending).forEach(add);
    for (const broken of page.unreadable) {
      const { id, problem } = broken;
      listing.unreadable.set(id ?? problem, broken);
      if (id && requestKind(id)) add({ id, type: '', created: '' });
    }
  }
  return count;
}

/** The conditions of each call: none at all where this kind of request need not be listed. */
function narrow(span: Span, kind: 'tierConfig' | 'fulfillment'): Filter[][] {
  if (span === 'everything') return [[]];
  if ('since' in span) return [[ge('updated', span.since)]];
  if ('ids' in span) {
    return inChunks(span.ids.filter((id) => requestKind(id) === kind)).map((ids) => [oneOf('id', ids)]);
  }
  return kind === 'tierConfig' ? [] : inChunks(span.assets).map((assets) => [oneOf('asset.id', assets)]);
}

function inChunks(ids: readonly string[]): string[][] {
  const chunks: string[][] = [];
  for (let i = 0; i < ids.length; i += IDS_A_CALL) chunks.push(ids.slice(i, i + IDS_A_CALL));
  return chunks;
}
