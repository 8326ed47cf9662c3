import { cancellationSignal, log } from '@temporalio/activity';
import type { ConnectClient } from '../src/connect/client';
import { and, eq, oneOf } from '../src/connect/rql';
import type { WhyLeft } from './left';
import type { PendingRequest } from './pending';

/** A request that is scheduled although its planned date is over: Connect was to make it pending again. */
export interface OverdueRequest extends PendingRequest {
  /** ISO 8601 */
  plannedDate: string;
}

/**
 * Lists what is overdue by Connect's clock, the longest first. What would be left were it pending is not ours, and not listed. Connect filters by
 * no planned date, so this reads all that is scheduled: one page, unless that is more than a thousand.
 *
 * @throws ConnectError
 */
export async function listOverdue(
  connect: Pick<ConnectClient, 'requests'>,
  products: readonly string[],
  whyLeft: WhyLeft,
  signal: AbortSignal,
): Promise<OverdueRequest[]> {
  const filter = and(eq('status', 'scheduled'), oneOf('asset.product.id', products));
  const overdue = new Map<string, OverdueRequest>();
  for await (const { items, answeredAt } of connect.requests.list({ filter, ordering: ['created'] }, { signal })) {
    const now = answeredAt === undefined ? Date.now() : Date.parse(answeredAt);
    for (const request of items) {
      if (Date.parse(request.plannedDate) < now && !whyLeft(request)) overdue.set(request.id, request);
    }
  }
  return [...overdue.values()].sort((a, b) => Date.parse(a.plannedDate) - Date.parse(b.plannedDate));
}

const MOST_NAMED = 10;

/**
 * Counts what is overdue, and says it in one line. Nothing else depends on it, so a round is not affected where it cannot be listed.
 *
 * @returns undefined where it could not
 */
export async function countOverdue(
  connect: Pick<ConnectClient, 'requests'>,
  products: readonly string[],
  whyLeft: WhyLeft,
): Promise<number | undefined> {
  try {
    const overdue = await listOverdue(connect, products, whyLeft, cancellationSignal());
    const [first] = overdue;
    if (first) {
      const named = overdue.slice(0, MOST_NAMED).map(({ id }) => id);
      log.warn('scheduled and overdue', { count: overdue.length, requestIds: named, since: first.plannedDate });
    }
    return overdue.length;
  } catch (error) {
    cancellationSignal().throwIfAborted();
    log.warn('what is overdue could not be listed; the round is not affected', { error: String(error) });
    return undefined;
  }
}
