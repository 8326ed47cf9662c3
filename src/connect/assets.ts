import { z } from 'zod';
import type { CallOptions, Http } from './http';
import { all, pages } from './pages';
import { Id, listOf, optional, Parameters, Ref, Text } from './parameter';
import { and, eq, type Filter, oneOf } from './rql';

/** A subscription, in short. */
const Asset = z.object({
  id: Id,
  status: Text,
  external_id: Text,
  product: Ref,
  connection: optional(z.object({ type: Text })),
  marketplace: optional(z.object({ id: Text })),
  contract: optional(z.object({ id: Text })),
  items: listOf(z.object({ mpn: Text, display_name: Text, quantity: Text })),
  params: Parameters,
});
export type Asset = z.infer<typeof Asset>;

/** A subscription, as far as usage reporting looks at it. */
const ReportedAsset = z.object({
  id: Id,
  status: Text,
  connection: optional(z.object({ type: Text })),
  contract: optional(z.object({ id: Text })),
  marketplace: optional(z.object({ id: Text })),
  params: listOf(z.object({ id: Text, value: Text })),
});
export type ReportedAsset = z.infer<typeof ReportedAsset>;

/** A request in the chain of those that made a subscription what it is. */
const ChainedRequest = z.object({ id: z.string(), type: Text, status: Text });

export function assets(http: Http) {
  return {
    /** @see GET /assets/{id} */
    get: (id: string, options?: CallOptions): Promise<Asset> =>
      http.value({ method: 'GET', route: '/assets/{id}', ids: [id] }, Asset, options),

    /** Those of a product with these ids. @see GET /assets */
    withIds: (product: string, ids: readonly string[], options?: CallOptions): Promise<ReportedAsset[]> =>
      reported(http, [eq('product.id', product), oneOf('id', ids)], options),

    /** Those of a product that have a parameter with one of these values, or perhaps another parameter. @see GET /assets */
    withParameter: (
      product: string,
      { id, values }: { id: string; values: readonly string[] },
      options?: CallOptions,
    ): Promise<ReportedAsset[]> =>
      reported(http, [eq('product.id', product), eq('params.id', id), oneOf('params.value', values)], options),

    /** Every request of a subscription, its purchase first. @see GET /assets/{id}/requests */
    requests(id: string, options?: CallOptions): Promise<z.infer<typeof ChainedRequest>[]> {
      const route = '/assets/{id}/requests';
      return all(pages(http, { route, ids: [id] }, ChainedRequest, {}, options), route);
    },
  };
}

function reported(http: Http, filters: Filter[], options?: CallOptions): Promise<ReportedAsset[]> {
  const list = { filter: and(...filters), select: ['-items', '-tiers', '-configuration'] };
  return all(pages(http, { route: '/assets' }, ReportedAsset, list, options), '/assets');
}
