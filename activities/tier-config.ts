import type { ConnectClient } from '../src/connect/client';
import type { TierConfigRequest } from '../src/connect/tier-config-requests';
import { cut } from '../src/domain/cut';
import { outstanding, type ParamChange } from '../src/domain/parameters';
import type { Approval, Inquiry, InquiryResult } from '../src/domain/request-run';
import { toConnect } from './param-updates';
import { readRequest, settle, settleInquiry } from './settle';
import type { Templates } from './templates';

const LONGEST_REASON = 500; // Connect: characters of a tier config request's reason

interface TierConfigDependencies {
  connect: Pick<ConnectClient, 'tierConfigRequests'>;
  templates: Templates;
}

/** The same for a tier config request, which differs in its bodies, and whose inquiry has no template. */
export function createTierConfigActivities({ connect, templates }: TierConfigDependencies) {
  const read = (id: string) => readRequest(id, () => connect.tierConfigRequests.get(id));
  const isIn = (id: string, status: TierConfigRequest['status']) => async () => (await read(id)).status === status;

  return {
    /** @see PUT /tier/config-requests/{id} */
    async saveTierParams(id: string, params: ParamChange[]): Promise<void> {
      await settle(
        () => connect.tierConfigRequests.updateParams(id, params.map(toConnect)),
        async () => outstanding((await read(id)).params, params).length === 0,
      );
    },

    /** @see POST /tier/config-requests/{id}/approve */
    async approveTierConfigRequest(id: string, templateId: string, { effectiveDate }: Approval = {}): Promise<void> {
      const template = { id: templateId, ...(effectiveDate !== undefined && { effective_date: effectiveDate }) };
      const approve = () => connect.tierConfigRequests.approve(id, { template });
      await templates.use(templateId, () => settle(approve, isIn(id, 'approved')));
    },

    /** @see POST /tier/config-requests/{id}/inquire */
    async inquireTierConfigRequest(id: string, inquiry: Inquiry): Promise<InquiryResult> {
      return await settleInquiry(
        () => connect.tierConfigRequests.inquire(id),
        () => read(id),
        inquiry,
      );
    },

    /** @see POST /tier/config-requests/{id}/fail */
    async failTierConfigRequest(id: string, reason: string): Promise<void> {
      const fail = () => connect.tierConfigRequests.fail(id, cut(reason, LONGEST_REASON));
      await settle(fail, isIn(id, 'failed'));
    },
  };
}
