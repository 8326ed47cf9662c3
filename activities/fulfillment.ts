import type { ConnectClient } from '../src/connect/client';
import type { ParamChange } from '../src/domain/parameters';
import {
  type Approval,
  FIRST_TRY,
  type Inquiry,
  REVOKING,
  type ScheduleResult,
  type Settled,
  type Try,
} from '../src/domain/request-run';
import { toConnect } from './param-updates';
import { isAhead } from './planned-date';
import { isAsDecided, readRequest, settle, towards, towardsInquiry, towardsSaved } from './settle';
import type { Templates } from './templates';

interface FulfillmentDependencies {
  connect: Pick<ConnectClient, 'requests'>;
  templates: Templates;
}

/** What is done to a fulfillment request in Connect. Every one of these is safe to repeat. */
export function createFulfillmentActivities({ connect, templates }: FulfillmentDependencies) {
  const readBack = async (id: string) => {
    const { status, asset, planned_date } = await readRequest(id, () => connect.requests.get(id));
    return { status, ordered: asset, planned_date };
  };

  return {
    /**
     * Saves parameters with their errors: takes outdated ones away, and marks those that an inquiry will be about.
     *
     * @throws ConnectRejected, final: for example a value that the parameter's constraints forbid
     * @see PUT /requests/{id}
     */
    async saveParams(id: string, params: ParamChange[], { again, basis }: Try = FIRST_TRY): Promise<Settled> {
      const save = () => connect.requests.updateParams(id, params.map(toConnect));
      return await settle(save, async () => towardsSaved(params, await readBack(id), basis), { again });
    },

    /**
     * Approves the request, which makes a purchased subscription active. Cannot be undone.
     *
     * @param templateId `TL-…`, which `askVendor` resolved before the vendor was called; not sent where the vendor gave a tile
     * @throws ConnectRejected, final: for example a required fulfillment parameter is empty
     * @see POST /requests/{id}/approve
     */
    async approveRequest(id: string, templateId: string, approval: Approval & Try = FIRST_TRY): Promise<Settled> {
      const { activationTile, effectiveDate, nextBillingDate, again, basis } = approval;
      const body = {
        ...(activationTile === undefined ? { template_id: templateId } : { activation_tile: activationTile }),
        ...(effectiveDate !== undefined && { effective_date: effectiveDate }),
        ...(nextBillingDate !== undefined && { asset: { billing: { next_date: nextBillingDate } } }),
      };
      const approve = () => connect.requests.approve(id, body);
      const look = async () => towards('approved', await readBack(id), basis);
      return await templates.use(templateId, () => settle(approve, look, { again }));
    },

    /**
     * Sends the request back to the customer, whose form shows the errors that `saveParams` has saved.
     *
     * @see POST /requests/{id}/inquire
     */
    async inquireRequest(id: string, { paramErrors, templateId, again, basis }: Inquiry): Promise<Settled> {
      const inquire = () => connect.requests.inquire(id, templateId === undefined ? {} : { template_id: templateId });
      const look = async () => towardsInquiry(paramErrors, await readBack(id), basis);
      return await templates.use(templateId, () => settle(inquire, look, { again }));
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
    async scheduleRequest(
      id: string,
      plannedDate: string,
      plannedBefore: string,
      { again, basis }: Try = FIRST_TRY,
    ): Promise<ScheduleResult> {
      const planned = inSeconds(plannedDate);
      const tells = planned !== inSeconds(plannedBefore) || !isAhead(plannedDate);
      let isBack = false;
      const look = async () => {
        const request = await readBack(id);
        isBack = tells && request.status === 'pending' && inSeconds(request.planned_date) === planned;
        if (isBack || ['scheduled', 'revoking', 'revoked'].includes(request.status)) return 'done';
        return isAsDecided(request, basis) ? 'as it was' : 'changed';
      };
      const settled = await settle(() => connect.requests.schedule(id, plannedDate), look, { again });
      return isBack ? 'due' : settled;
    },

    /** Ends a request that is being revoked. @see POST /requests/{id}/confirm */
    async confirmRevocation(id: string, { again }: Try = FIRST_TRY): Promise<Settled> {
      const look = async () => {
        const { status } = await readBack(id);
        return status === 'revoked' ? 'done' : status === REVOKING ? 'as it was' : 'changed';
      };
      return await settle(() => connect.requests.confirm(id), look, { again });
    },

    /**
     * Ends the request with the vendor's reason. Cannot be undone.
     *
     * @see POST /requests/{id}/fail
     */
    async failRequest(id: string, reason: string, { again, basis }: Try = FIRST_TRY): Promise<Settled> {
      const look = async () => towards('failed', await readBack(id), basis);
      return await settle(() => connect.requests.fail(id, reason), look, { again });
    },
  };
}

/** Connect keeps no more of a time. */
const inSeconds = (date: string) => Math.floor(Date.parse(date) / 1000);
