import type { ConnectClient } from '../src/connect/client';
import { cut } from '../src/domain/cut';
import type { ParamChange } from '../src/domain/parameters';
import { type Approval, FIRST_TRY, type Inquiry, type Settled, type Try } from '../src/domain/request-run';
import { toConnect } from './param-updates';
import { readRequest, settle, towards, towardsInquiry, towardsSaved } from './settle';
import type { Templates } from './templates';

const LONGEST_REASON = 500; // Connect: characters of a tier config request's reason

interface TierConfigDependencies {
  connect: Pick<ConnectClient, 'tierConfigRequests'>;
  templates: Templates;
}

/** The same for a tier config request, which differs in its bodies, and whose inquiry has no template. */
export function createTierConfigActivities({ connect, templates }: TierConfigDependencies) {
  const readBack = async (id: string) => {
    const { status, params } = await readRequest(id, () => connect.tierConfigRequests.get(id));
    return { status, ordered: { items: [], params } };
  };

  return {
    /** @see PUT /tier/config-requests/{id} */
    async saveTierParams(id: string, params: ParamChange[], { again, basis }: Try = FIRST_TRY): Promise<Settled> {
      const save = () => connect.tierConfigRequests.updateParams(id, params.map(toConnect));
      return await settle(save, async () => towardsSaved(params, await readBack(id), basis), { again });
    },

    /** @see POST /tier/config-requests/{id}/approve */
    async approveTierConfigRequest(
      id: string,
      templateId: string,
      { effectiveDate, again, basis }: Approval & Try = FIRST_TRY,
    ): Promise<Settled> {
      const template = { id: templateId, ...(effectiveDate !== undefined && { effective_date: effectiveDate }) };
      const approve = () => connect.tierConfigRequests.approve(id, { template });
      const look = async () => towards('approved', await readBack(id), basis);
      return await templates.use(templateId, () => settle(approve, look, { again }));
    },

    /** @see POST /tier/config-requests/{id}/inquire */
    async inquireTierConfigRequest(id: string, { paramErrors, again, basis }: Inquiry): Promise<Settled> {
      const look = async () => towardsInquiry(paramErrors, await readBack(id), basis);
      return await settle(() => connect.tierConfigRequests.inquire(id), look, { again });
    },

    /** @see POST /tier/config-requests/{id}/fail */
    async failTierConfigRequest(id: string, reason: string, { again, basis }: Try = FIRST_TRY): Promise<Settled> {
      const fail = () => connect.tierConfigRequests.fail(id, cut(reason, LONGEST_REASON));
      const look = async () => towards('failed', await readBack(id), basis);
      return await settle(fail, look, { again });
    },
  };
}
