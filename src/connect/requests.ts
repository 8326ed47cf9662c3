import { z } from 'zod';
import type { CallOptions, Http } from './http';
import { pages } from './pages';
import {
  Assignee,
  Connection,
  Id,
  listOf,
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

/** An item of the product. All are there; those that were not bought have quantity `0`. */
const Item = z.object({
  id: Id,
  global_id: Text,
  mpn: Text,
  display_name: Text,
  /** Decimal text, or `unlimited`. */
  quantity: Text,
  old_quantity: Text,
  /** Unit of measure. */
  type: Text,
  period: Text,
  /** `Reservation` or `PPU`. */
  item_type: Text,
  params: Parameters,
});

/**
 * A fulfillment request, reduced to what the processor and a vendor's handler read. Keys that are not listed are dropped, so data that nobody
 * reads goes nowhere. Source: GET /requests/{id}.
 */
export const FulfillmentRequest = z.object({
  id: z.string(),
  /** `purchase`, `change`, `suspend`, `resume`, `cancel`, `adjustment`, or a newer word of Connect's. */
  type: z.string(),
  /** `pending`, `approved`, …, or a newer word of Connect's. */
  status: Text,
  planned_date: Text,
  asset: z.object({
    id: Id,
    status: Text,
    external_id: Text,
    external_uid: Text,
    product: Ref,
    connection: optional(Connection),
    items: listOf(Item),
    params: Parameters,
    tiers: optional(
      z.object({ customer: optional(TierAccount), tier1: optional(TierAccount), tier2: optional(TierAccount) }),
    ).transform((tiers) => tiers ?? {}),
    configuration: optional(z.object({ params: Parameters })),
  }),
  marketplace: OptionalRef,
  contract: OptionalRef,
});
export type FulfillmentRequest = z.infer<typeof FulfillmentRequest>;

/** A request in a list: what is needed to decide on it, and to start its workflow. */
const Summary = z
  .object({
    id: z.string(),
    type: z.string(),
    status: Text,
    created: Text,
    planned_date: Text,
    sli: Sli,
    asset: z.object({
      id: Id,
      product: z.object({ id: Id }),
      connection: optional(z.object({ type: Text })),
    }),
    marketplace: optional(z.object({ id: Text })),
    contract: optional(z.object({ id: Text })),
    assignee: Assignee,
  })
  .transform(({ asset, planned_date: plannedDate, sli, marketplace, contract, ...rest }) => ({
    ...rest,
    plannedDate,
    sliZone: sli?.zone,
    assetId: asset.id,
    productId: asset.product.id,
    connectionType: asset.connection?.type ?? '',
    marketplaceId: marketplace?.id ?? '',
    contractId: contract?.id ?? '',
  }));

/** What a list leaves out: it is much faster without. */
const HEAVY = ['-activation_key', '-template', '-asset.items', '-asset.params', '-asset.tiers', '-asset.configuration'];

export function requests(http: Http) {
  const one = (id: string, action: string, body?: object) =>
    ({ method: 'POST', route: `/requests/{id}/${action}`, ids: [id], ...(body && { body }) }) as const;

  return {
    /** Summaries, page by page. @see GET /requests */
    list: (list: Omit<ListOptions, 'select'>, options?: CallOptions) =>
      pages(http, { route: '/requests' }, Summary, { ...list, select: HEAVY }, options),

    /** @see GET /requests/{id} */
    get: (id: string, options?: CallOptions) =>
      http.value({ method: 'GET', route: '/requests/{id}', ids: [id] }, FulfillmentRequest, options),

    /** Only those that are named change. Connect takes them while the request is pending. @see PUT /requests/{id} */
    async updateParams(id: string, params: readonly ParamUpdate[], options?: CallOptions): Promise<void> {
      await http.answer({ method: 'PUT', route: '/requests/{id}', ids: [id], body: { asset: { params } } }, options);
    },

    /** With a template or a tile. Dates are ISO 8601. @see POST /requests/{id}/approve */
    async approve(
      id: string,
      body: {
        template_id?: string;
        activation_tile?: string;
        effective_date?: string;
        asset?: { billing: { next_date: string } };
      },
      options?: CallOptions,
    ): Promise<void> {
      await http.answer(one(id, 'approve', body), options);
    },

    /** Needs a parameter that is marked as invalid. @see POST /requests/{id}/inquire */
    async inquire(id: string, body: { template_id?: string }, options?: CallOptions): Promise<void> {
      await http.answer(one(id, 'inquire', body), options);
    },

    /** A correction by the vendor itself: values of a subscription's fulfillment parameters. @see POST /requests */
    async createAdjustment(
      assetId: string,
      params: readonly ParamUpdate[],
      options?: CallOptions,
    ): Promise<{ id: string }> {
      const body = { type: 'adjustment', asset: { id: assetId, params } };
      return await http.value({ method: 'POST', route: '/requests', body }, z.object({ id: z.string() }), options);
    },

    /** Until the planned date, ISO 8601. @see POST /requests/{id}/schedule */
    async schedule(id: string, plannedDate: string, options?: CallOptions): Promise<void> {
      await http.answer(one(id, 'schedule', { planned_date: plannedDate }), options);
    },

    /** Of a revocation, which ends the request. @see POST /requests/{id}/confirm */
    async confirm(id: string, options?: CallOptions): Promise<void> {
      await http.answer(one(id, 'confirm', {}), options);
    },

    /** @see POST /requests/{id}/fail */
    async fail(id: string, reason: string, options?: CallOptions): Promise<void> {
      await http.answer(one(id, 'fail', { reason }), options);
    },
  };
}
