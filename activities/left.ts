import { log } from '@temporalio/activity';
import { type Left, LEFT_REASONS, type Selection, whyNotSelected, whyTaken } from '../src/domain/selection';
import { callFor } from '../src/sdk/handlers';
import type { VendorOf } from '../src/sdk/vendor';
import { inOrder, isOlder, type PendingRequest } from './pending';

/** Why a request is left pending; undefined for one that is processed. */
export type WhyLeft = (request: PendingRequest) => Left | undefined;

export interface WhyLeftDependencies {
  /** Which requests of a product are processed; undefined where nothing limits them. */
  selectionOf(productId: string): Selection | undefined;
  vendorOf: VendorOf;
}

/** One that could not be read is not left, so that its run shows the trouble. */
export function createWhyLeft({ selectionOf, vendorOf }: WhyLeftDependencies): WhyLeft {
  return (request) => {
    const { type, productId = '', connectionType = '', marketplaceId = '', contractId = '', assignee } = request;
    if (type === '') return undefined;
    const selection = selectionOf(productId);
    if (selection) {
      const left =
        whyNotSelected(selection, { type, productId, connectionType, marketplaceId, contractId }) ??
        whyTaken(selection, assignee);
      if (left) return left;
    }
    if (handlerOf(request, vendorOf)) return undefined;
    return { reason: 'unhandled', text: 'the vendor has no handler for this type of request' };
  };
}

/** The handler for a request; undefined where the vendor of its product has none, or the product could not be read. */
export function handlerOf({ type, productId = '' }: PendingRequest, vendorOf: VendorOf): ReturnType<typeof callFor> {
  const vendor = vendorOf(productId);
  return vendor && callFor(vendor, type);
}

/**
 * Of requests that are pending, those that are processed and those that are left, each in order. Of one subscription the oldest goes first,
 * however late another is.
 *
 * A request that a person has taken keeps its place in line: the younger ones of its subscription wait until it has been brought to its end.
 */
export interface Sorted {
  /** To be started, or running: the first of each subscription. */
  first: PendingRequest[];
  /** They wait behind another of the same subscription, mostly an older one. */
  behind: { request: PendingRequest; of: string }[];
  left: ({ request: PendingRequest } & Left)[];
}

/** @param requests in order */
export function sortOut(requests: readonly PendingRequest[], whyLeft: WhyLeft): Sorted {
  const sorted: Sorted = { first: [], behind: [], left: [] };
  const judged = requests.map((request) => ({ request, left: whyLeft(request) }));
  const oldest = new Map<string, PendingRequest>();
  for (const { request, left } of judged) {
    if (request.assetId === undefined || (left && left.reason !== 'assignee')) continue;
    const other = oldest.get(request.assetId);
    if (!other || isOlder(request, other)) oldest.set(request.assetId, request);
  }
  for (const { request, left } of judged) {
    const before = oldest.get(request.assetId ?? '') ?? request;
    if (left) sorted.left.push({ request, ...left });
    else if (before === request) sorted.first.push(request);
    else sorted.behind.push({ request, of: before.id });
  }
  return sorted;
}

/** Whether a request has an open run. */
export type IsOpen = (id: string) => Promise<boolean>;

/**
 * One at a time: where another request of a subscription has an open run, since the older was with the customer when it came, or put off, the older
 * waits behind it; also behind one that a person has been given meanwhile.
 *
 * @param isOpen asked only where there are several requests of a subscription
 */
export async function oneAtATime({ first, behind, left }: Sorted, isOpen: IsOpen): Promise<Sorted> {
  const assets = new Set(first.map(({ assetId }) => assetId));
  const open = new Map<string | undefined, string>(); // subscription to the request with the open run
  for (const { request } of [...behind, ...left]) {
    const { id, assetId } = request;
    if (assetId !== undefined && assets.has(assetId) && (await isOpen(id))) open.set(assetId, id);
  }
  const goesOn = ({ id, assetId }: PendingRequest) => open.get(assetId) === id;
  return {
    first: inOrder([
      ...first.filter(({ assetId }) => !open.has(assetId)),
      ...behind.map(({ request }) => request).filter(goesOn),
    ]),
    behind: [
      ...behind.filter(({ request }) => !goesOn(request)),
      ...first.flatMap((request) => {
        const of = open.get(request.assetId);
        return of === undefined ? [] : [{ request, of }];
      }),
    ],
    left,
  };
}

/** How many there are of each reason, those without any included. */
export function countLeft(left: Sorted['left']): Record<Left['reason'], number> {
  const counts = Object.fromEntries(LEFT_REASONS.map((reason) => [reason, 0])) as Record<Left['reason'], number>;
  for (const { reason } of left) counts[reason] += 1;
  return counts;
}

export type LeftLog = ReturnType<typeof createLeftLog>;

/** Says of each request once why it is left, not in every round. */
export function createLeftLog() {
  const said = new Map<string, string>();

  return {
    say(left: Sorted['left']): void {
      for (const { request, reason, text } of left) {
        const { id, type, productId } = request;
        if (said.get(id) !== text) log.warn(`left pending: ${text}`, { requestId: id, type, productId, reason });
        said.set(id, text);
      }
    },

    /** @param pending all that is pending: what is not, may be said again */
    forgetAllBut(pending: ReadonlyMap<string, unknown>): void {
      for (const id of said.keys()) if (!pending.has(id)) said.delete(id);
    },
  };
}
