import type { ConnectClient } from '../src/connect/client';
import type { FulfillmentRequest } from '../src/connect/requests';
import { outstanding, type ParamChange } from '../src/domain/parameters';
import type { Approval, Inquiry, InquiryResult, ScheduleResult } from '../src/domain/request-run';
import { toConnect } from './param-updates';
import { isAhead } from './planned-date';
import { readRequest, settle, settleInquiry } from './settle';
import type { Templates } from './templates';

interface FulfillmentDependencies {
  connect: Pick<ConnectClient, 'requests'>;
  templates: Templates;
}

/** What is done to a fulfillment request in Connect. Every one of these is safe to repeat. */
export function createFulfillmentActivities({ connect, templates }: FulfillmentDependencies) {
  const read = (id: string) => readRequest(id, () => connect.requests.get(id));
  const isIn = (id: string, status: FulfillmentRequest['status']) => async () => (await read(id)).status === status;

  return {
    /**
     * Saves parameters with their errors: takes outdated ones away, and marks those that an inquiry will be about.
     *
     * @throws ConnectRejected, final: for example a value that the parameter's constraints forbid
     * @see PUT /requests/{id}
     */
    async saveParams(id: string, params: ParamChange[]): Promise<void> {
      await settle(
        () => connect.requests.updateParams(id, params.map(toConnect)),
        async () => outstanding((await read(id)).asset.params, params).length === 0,
      );
    },

    /**
     * Approves the request, which makes a purchased subscription active. Cannot be undone.
     *
     * @param templateId `TL-…`, which `askVendor` resolved before the vendor was called; not sent where the vendor gave a tile
     * @throws ConnectRejected, final: for example a required fulfillment parameter is empty
     * @see POST /requests/{id}/approve
     */
    async approveRequest(id: string, templateId: string, approval: Approval = {}): Promise<void> {
      const { activationTile, effectiveDate, nextBillingDate } = approval;
      const body = {
        ...(activationTile === undefined ? { template_id: templateId } : { activation_tile: activationTile }),
        ...(effectiveDate !== undefined && { effective_date: effectiveDate }),
        ...(nextBillingDate !== undefined && { asset: { billing: { next_date: nextBillingDate } } }),
      };
      const approve = () => connect.requests.approve(id, body);
      await templates.use(templateId, () => settle(approve, isIn(id, 'approved')));
    },

    /**
     * Sends the request back to the customer, whose form shows the errors that `saveParams` has saved.
     *
     * @see POST /requests/{id}/inquire
     */
    async inquireRequest(id: string, inquiry: Inquiry): Promise<InquiryResult> {
      const { templateId } = inquiry;
      const inquire = () => connect.requests.inquire(id, templateId === undefined ? {} : { template_id: templateId });
      const look = async () => {
        const { status, asset } = await read(id);
        return { status, params: asset.params };
      };
      return await templates.use(templateId, () => settleInquiry(inquire, look, inquiry));
    },

    /**
     * Puts the request off. When a repeat comes, Connect may have put it back already, and the distributor may be taking it back.
     *
     * That it is back, a pending request tells by the date that it has, unless it came with that date: then by the date's being over, so far as
     * our clock and Connect's agree.
     *
     * @param plannedBefore the planned date that it came with; empty where it had none
     * @returns `due` where it is back, or need not be put off any more: it is pending, and no round may see that before the next full sweep
     * @throws ConnectRejected, final: for example requests of its type cannot be scheduled
     * @see POST /requests/{id}/schedule
     */
    async scheduleRequest(id: string, plannedDate: string, plannedBefore: string): Promise<ScheduleResult> {
      const planned = inSeconds(plannedDate);
      const tells = planned !== inSeconds(plannedBefore) || !isAhead(plannedDate);
      let isBack = false;
      const isDone = async () => {
        const { status, planned_date } = await read(id);
        isBack = tells && status === 'pending' && inSeconds(planned_date) === planned;
        return isBack || ['scheduled', 'revoking', 'revoked'].includes(status);
      };
      await settle(() => connect.requests.schedule(id, plannedDate), isDone);
      return isBack ? 'due' : 'scheduled';
    },

    /** Ends a request that is being revoked. @see POST /requests/{id}/confirm */
    async confirmRevocation(id: string): Promise<void> {
      await settle(() => connect.requests.confirm(id), isIn(id, 'revoked'));
    },

    /**
     * Ends the request with the vendor's reason. Cannot be undone.
     *
     * @see POST /requests/{id}/fail
     */
    async failRequest(id: string, reason: string): Promise<void> {
      await settle(() => connect.requests.fail(id, reason), isIn(id, 'failed'));
    },
  };
}

/** Connect keeps no more of a time. */
const inSeconds = (date: string) => Math.floor(Date.parse(date) / 1000);
