import { z } from 'zod';
import type { CallOptions, Http } from './http';
import { pages } from './pages';
import {
  Assignee,
  Connection,
  Id,
  optional,
  OptionalRef,
  Parameters,
  type ParamUpdate,
  Ref,
  Sli,
  Text,
  TierAccount,
} from './parameter';
import type { ListOptions } from './rql';

const level = z.coerce.number();

/**
 * A tier config request, reduced to what the processor and a vendor's handler read. Its parameters stand at its own top level. Source: GET
 * /tier/config-requests/{id}.
 */
export const TierConfigRequest = z.object({
  id: z.string(),
  /** `setup`, `update`, `adjustment`, or a newer word of Connect's. */
  type: z.string(),
  /** `pending`, `approved`, …, or a newer word of Connect's. */
  status: Text,
  configuration: z.object({
    id: Id,
    name: Text,
    account: Ref,
    product: Ref,
    tier_level: level,
    connection: optional(Connection),
    params: Parameters,
    marketplace: OptionalRef,
    contract: OptionalRef,
  }),
  params: Parameters,
  tiers: optional(z.object({ tier1: optional(TierAccount), tier2: optional(TierAccount) })).transform(
    (tiers) => tiers ?? {},
  ),
  environment: Text,
});
export type TierConfigRequest = z.infer<typeof TierConfigRequest>;

const Summary = z
  .object({
    id: z.string(),
    type: z.string(),
    configuration: z.object({
      id: Id,
      product: z.object({ id: Id }),
      tier_level: level,
      connection: optional(z.object({ type: Text })),
      marketplace: optional(z.object({ id: Text })),
      contract: optional(z.object({ id: Text })),
    }),
    environment: Text,
    sli: Sli,
    assignee: Assignee,
    events: optional(z.object({ created: optional(z.object({ at: Text })) })),
  })
  .transform(({ id, type, configuration, environment, sli, assignee, events }) => ({
    id,
    type,
    created: events?.created?.at ?? '',
    sliZone: sli?.zone,
    configurationId: configuration.id,
    productId: configuration.product.id,
    tierLevel: configuration.tier_level,
    connectionType: configuration.connection?.type || environment,
    marketplaceId: configuration.marketplace?.id ?? '',
    contractId: configuration.contract?.id ?? '',
    assignee,
  }));

const HEAVY = ['-template', '-params', '-tiers', '-configuration.params'];

export function tierConfigRequests(http: Http) {
  const act = async (
    id: string,
    action: string,
    body: object | undefined,
    options: CallOptions | undefined,
  ): Promise<void> => {
    await http.answer(
      { method: 'POST', route: `/tier/config-requests/{id}/${action}`, ids: [id], ...(body && { body }) },
      options,
    );
  };

  return {
    /** Summaries, page by page. @see GET /tier/config-requests */
    list: (list: Omit<ListOptions, 'select'>, options?: CallOptions) =>
      pages(http, { route: '/tier/config-requests' }, Summary, { ...list, select: HEAVY }, options),

    /** @see GET /tier/config-requests/{id} */
    get: (id: string, options?: CallOptions) =>
      http.value({ method: 'GET', route: '/tier/config-requests/{id}', ids: [id] }, TierConfigRequest, options),

    /** Connect takes them while the request is pending. @see PUT /tier/config-requests/{id} */
    async updateParams(id: string, params: readonly ParamUpdate[], options?: CallOptions): Promise<void> {
      await http.answer({ method: 'PUT', route: '/tier/config-requests/{id}', ids: [id], body: { params } }, options);
    },

    /** @see POST /tier/config-requests/{id}/approve */
    approve: (id: string, body: { template: { id: string; effective_date?: string } }, options?: CallOptions) =>
      act(id, 'approve', body, options),

    /** Takes no template. @see POST /tier/config-requests/{id}/inquire */
    inquire: (id: string, options?: CallOptions) => act(id, 'inquire', undefined, options),

    /** @param reason at most 500 characters @see POST /tier/config-requests/{id}/fail */
    fail: (id: string, reason: string, options?: CallOptions) => act(id, 'fail', { reason }, options),
  };
}
