import { createWhyLeft, type Sorted, sortOut, type WhyLeft } from '../../../activities/left';
import { listPending, type Span } from '../../../activities/list-pending';
import { listOverdue, type OverdueRequest } from '../../../activities/overdue';
import { inOrder } from '../../../activities/pending';
import type { Config } from '../../config';
import type { ConnectClient } from '../../connect/client';
import type { Vendors } from '../../sdk/vendor';

/** What the commands that look at Connect go by. */
export interface Deployment {
  config: Config;
  vendors: Vendors;
}

/** Why a round would leave a request, if it would. */
export function whyLeftBy({ config, vendors }: Deployment): WhyLeft {
  return createWhyLeft({
    selectionOf: (productId) => config.selections[productId],
    vendorOf: (productId) => vendors.get(productId),
  });
}

/** What is pending in Connect now, sorted as a round does. @throws ConnectError where a part of it cannot be listed */
export async function pendingNow(
  connect: ConnectClient,
  products: readonly string[],
  span: Span,
  deployment: Deployment,
): Promise<Sorted> {
  const { signal } = new AbortController();
  const { requests, errors } = await listPending(connect, products, span, signal);
  if (errors.length > 0) throw errors[0];
  return sortOut(inOrder(requests.values()), whyLeftBy(deployment));
}

/** What is scheduled in Connect although its planned date is over, as a round counts it. @throws ConnectError */
export async function overdueNow(connect: ConnectClient, deployment: Deployment): Promise<OverdueRequest[]> {
  const { signal } = new AbortController();
  return await listOverdue(connect, deployment.config.connect.products, whyLeftBy(deployment), signal);
}

/** Who acts on it. */
export const OVERDUE_TODO =
  'An operator puts it back to pending in the Connect portal, takes away the assignment that this leaves, and asks CloudBlue why Connect has not.';
