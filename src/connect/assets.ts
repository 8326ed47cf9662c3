import { z } from 'zod';
import type { CallOptions, Http } from './http';
import { all, pages } from './pages';
import { Ref, Text } from './parameter';

/** A subscription, in short. */
const Asset = z.object({
  id: z.string(),
  status: Text,
  external_id: Text,
  product: Ref,
  items: z
    .array(z.object({ mpn: Text, display_name: Text, quantity: Text }))
    .nullish()
    .transform((items) => items ?? []),
});
export type Asset = z.infer<typeof Asset>;

/** A request in the chain of those that made a subscription what it is. */
const ChainedRequest = z.object({ id: z.string(), type: Text, status: Text });

export function assets(http: Http) {
  return {
    /** @see GET /assets/{id} */
    get: (id: string, options?: CallOptions): Promise<Asset> =>
      http.value({ method: 'GET', route: '/assets/{id}', ids: [id] }, Asset, options),

    /** Every request of a subscription, its purchase first. @see GET /assets/{id}/requests */
    requests(id: string, options?: CallOptions): Promise<z.infer<typeof ChainedRequest>[]> {
      const route = '/assets/{id}/requests';
      return all(pages(http, { route, ids: [id] }, ChainedRequest, {}, options), route);
    },
  };
}
