import { ApplicationFailure, log } from '@temporalio/activity';
import type { ConnectClient } from '../src/connect/client';
import { FailureType } from '../src/domain/failure-type';
import type { Release } from '../src/domain/request-run';
import { releaseCall } from '../src/sdk/handlers';
import type { VendorOf } from '../src/sdk/vendor';
import { callWithinTime } from './call-handler';
import { failure } from './failure';
import { handlerContext } from './handler-context';
import { readRequest } from './settle';

interface ReleaseDependencies {
  connect: Pick<ConnectClient, 'requests' | 'tierConfigs'>;
  vendorOf: VendorOf;
}

/** What a release may undo. Any other subscription is active, or may be: a newer status of Connect's says nothing. */
const GIVES_BACK: readonly string[] = [
  ...['draft', 'tiers_setup', 'pending', 'inquiring', 'failed', 'scheduled', 'revoking', 'revoked'],
];

/** The vendor's faults, which say in a release that it is the release that failed. */
const FAULTS: readonly string[] = [
  FailureType.VENDOR_FAULT,
  FailureType.VENDOR_UNAVAILABLE,
  FailureType.VENDOR_TIMEOUT,
];

/** The step that undoes a purchase at the vendor. */
export function createRelease({ connect, vendorOf }: ReleaseDependencies) {
  return {
    /**
     * Gives back what a purchase made and nobody is going to have. Connect is read first, whatever the workflow knows: what is approved is
     * kept. Then the vendor's `find` is asked, so that a repeat after a lost answer finds nothing, and does nothing.
     *
     * @throws ReleaseFailed, tried on: the vendor's code, or its API, is at fault
     * @throws ConnectGone, final: without the request nobody can tell whose it was, nor whether it was approved
     */
    async releasePurchase(id: string): Promise<Release> {
      const request = await readRequest(id, () => connect.requests.get(id));
      if (!GIVES_BACK.includes(request.status)) return kept(id, `the request is ${request.status} in Connect`);
      const productId = request.asset.product.id;
      const vendor = vendorOf(productId);
      if (!vendor) return kept(id, `CONNECT_PRODUCTS does not list ${productId}`);
      const call = releaseCall(vendor);
      if (!call) return kept(id, 'the vendor has no purchase.release any more');

      const found = await callWithinTime('purchase.release', call.seconds, (signal) =>
        call.run(handlerContext(connect, request, signal)),
      ).catch((error: unknown) => {
        throw releaseFailure(error);
      });
      return found ? 'released' : 'nothing';
    },
  };
}

function kept(requestId: string, because: string): Release {
  log.warn(`what the purchase made is kept: ${because}`, { requestId });
  return 'kept';
}

function releaseFailure(error: unknown): unknown {
  if (!(error instanceof ApplicationFailure) || !FAULTS.includes(error.type ?? '')) return error;
  const { message, stack, details } = error;
  const [detail] = (details ?? []) as [{ retryAfterMs?: number }?];
  return failure(FailureType.RELEASE_FAILED, `What the purchase made is not given back yet. ${message}`, {
    stack,
    retryAfterMs: detail?.retryAfterMs,
  });
}
