import { log } from '@temporalio/activity';
import type { ConnectClient } from '../src/connect/client';
import type { FulfillmentRequest } from '../src/connect/requests';
import { FailureType } from '../src/domain/failure-type';
import { REVOKE, REVOKING, type VendorAnswer, type Waited } from '../src/domain/request-run';
import { type Origin, type Selection, whyNotSelected } from '../src/domain/selection';
import { revocationProblems } from '../src/sdk/contract';
import { type Call, fulfillmentCall, tierConfigCall } from '../src/sdk/handlers';
import { logWith } from '../src/sdk/log-with';
import { type FulfillmentContext, tierConfigContext } from '../src/sdk/request-context';
import type { Outcome } from '../src/sdk/outcome';
import type { Vendor, VendorOf } from '../src/sdk/vendor';
import { type AskDependencies, createAsk, type Subject } from './ask';
import { callHandler } from './call-handler';
import { failure } from './failure';
import { handlerContext } from './handler-context';
import { originOf, tierOriginOf } from '../src/domain/origin';
import { isAhead } from './planned-date';
import { readRequest } from './settle';

export interface VendorDependencies extends AskDependencies {
  connect: Pick<ConnectClient, 'requests' | 'tierConfigRequests' | 'tierConfigs'>;
  vendorOf: VendorOf;
  /** Which requests of a product are processed; undefined where nothing limits them. */
  selectionOf(productId: string): Selection | undefined;
}

/** The step in which the vendor decides. Called at least once for a request, so everything in it is safe to repeat. */
export function createVendorActivities({ connect, vendorOf, selectionOf, ...dependencies }: VendorDependencies) {
  const ask = createAsk(dependencies);

  function callFulfillment(name: string, call: Call<FulfillmentContext>, request: FulfillmentRequest, waited?: Waited) {
    return callHandler(name, call.seconds, (signal) => call.run(handlerContext(connect, request, signal, waited)));
  }

  /** @throws VendorContract where the vendor answers what cannot be told Connect about a revocation */
  async function askToRevoke(vendor: Vendor, request: FulfillmentRequest, waited?: Waited): Promise<VendorAnswer> {
    const call = fulfillmentCall(vendor, 'revoke');
    if (!call) return unhandled(request.status, 'revoke');
    const outcome = await callFulfillment('revoke', call, request, waited);
    const problems = revocationProblems(outcome);
    if (problems.length > 0) {
      throw failure(
        FailureType.VENDOR_CONTRACT,
        `The vendor's handler "revoke" does not keep its contract: ${problems.join('; ')}.`,
      );
    }
    return outcome.kind === 'wait'
      ? { kind: 'wait', params: [], seconds: outcome.seconds }
      : { kind: 'confirm', params: [] };
  }

  /** A switch counts for runs under way too. Whom a request is assigned to does not: whoever is called to a run in trouble may be given it. */
  function notSelected(status: string, origin: Origin): VendorAnswer | undefined {
    const selection = selectionOf(origin.productId);
    const left = selection && whyNotSelected(selection, origin);
    return left && { kind: 'noop', status, reason: `The request is left for a person: ${left.text}.` };
  }

  return {
    /**
     * Reads a fulfillment request afresh, calls the vendor's handler for its type, and returns what it decided. The activation template is
     * found first. Of the parameters only those that differ are handed on, the errors of an inquiry among them; passwords are saved here and
     * handed on to nobody. What is planned for a later date is put off until then, and the vendor is not called before, unless the handler is
     * to be.
     *
     * @param waited what the vendor has asked to wait so far; undefined where it has not
     * @param about `revoke` of a run that is about the revocation: no other asks the vendor about one, since what it has waited for does not count
     * @throws ConnectGone, ConnectContract, TemplateMissing, ParameterMissing, VendorContract, VendorNotWritten: final
     * @throws VendorFault, VendorUnavailable, VendorTimeout, ConnectUnavailable, …: tried on
     */
    async askVendor(id: string, waited?: Waited, about?: typeof REVOKE): Promise<VendorAnswer> {
      const request = await readRequest(id, () => connect.requests.get(id));
      const isRevoking = request.status === REVOKING;
      if (!isRevoking && request.status !== 'pending') return notPending(request.status);
      const vendor = vendorOf(request.asset.product.id);
      if (!vendor) return notOurs(request.status, request.asset.product.id);
      const left = notSelected(request.status, originOf(request));
      if (left) return left;
      if (isRevoking) return about === REVOKE ? await askToRevoke(vendor, request, waited) : { kind: 'revoking' };
      const call = fulfillmentCall(vendor, request.type);
      if (!call) return unhandled(request.status, request.type);
      const { planned_date: plannedDate } = request;
      if (isAhead(plannedDate) && !call.beforePlannedDate) {
        return { kind: 'schedule', params: [], plannedDate, plannedBefore: plannedDate };
      }

      const subject: Subject = {
        type: request.type,
        productId: request.asset.product.id,
        items: request.asset.items,
        params: request.asset.params,
        plannedDate,
        activation: { scope: 'asset', type: 'fulfillment' },
        inquiry: { scope: 'asset', type: 'inquire' },
        save: (params) => connect.requests.updateParams(id, params),
      };
      return await ask(subject, () => callFulfillment(request.type, call, request, waited));
    },

    /** The same for a tier config request. */
    async askVendorForTierConfig(id: string, waited?: Waited): Promise<VendorAnswer> {
      const request = await readRequest(id, () => connect.tierConfigRequests.get(id));
      if (request.status !== 'pending') return notPending(request.status);
      const productId = request.configuration.product.id;
      const vendor = vendorOf(productId);
      if (!vendor) return notOurs(request.status, productId);
      const left = notSelected(request.status, tierOriginOf(request));
      if (left) return left;
      const call = tierConfigCall(vendor);
      if (!call) return unhandled(request.status, `tier-${request.type}`);

      const subject: Subject = {
        type: `tier-${request.type}`,
        productId,
        items: [],
        params: request.params,
        plannedDate: '',
        activation: { scope: request.configuration.tier_level === 2 ? 'tier2' : 'tier1' },
        inquiry: undefined,
        save: (params) => connect.tierConfigRequests.updateParams(id, params),
      };
      return await ask(subject, async () => {
        const outcome = await callHandler('tierConfig', call.seconds, (signal) =>
          call.run(tierConfigContext(request, { signal, log: logWith(log, { requestId: id }), waited })),
        );
        return ofTierConfig(outcome);
      });
    },
  };
}

/** @throws VendorContract for what a tier config request has not: a date to be put off to, the text and the billing of a subscription */
function ofTierConfig(outcome: Outcome): Outcome {
  if (outcome.kind === 'schedule') {
    throw failure(
      FailureType.VENDOR_CONTRACT,
      'The vendor\'s handler "tierConfig" answered schedule: a tier config request cannot be scheduled.',
    );
  }
  if (outcome.kind === 'approve' && (outcome.activationTile ?? outcome.nextBillingDate) !== undefined) {
    throw failure(
      FailureType.VENDOR_CONTRACT,
      'The vendor\'s handler "tierConfig" does not keep its contract: a tier config request has no activationTile and no nextBillingDate.',
    );
  }
  return outcome;
}

function notPending(status: string): VendorAnswer {
  return { kind: 'noop', status, reason: `The request is ${status} in Connect, not pending.` };
}

function notOurs(status: string, productId: string): VendorAnswer {
  return {
    kind: 'noop',
    status,
    reason: `The request is left for a person: CONNECT_PRODUCTS does not list ${productId}.`,
  };
}

function unhandled(status: string, type: string): VendorAnswer {
  return { kind: 'noop', status, reason: `The vendor has no handler for ${type}: the request is left for a person.` };
}
