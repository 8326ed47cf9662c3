import { createWhyLeft, type Sorted, sortOut, type WhyLeft } from '../../activities/left';
import { listPending, type Span } from '../../activities/list-pending';
import { inOrder } from '../../activities/pending';
import type { Config } from '../config';
import type { ConnectClient } from '../connect/client';
import type { Vendors } from '../sdk/vendor';

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
