import { z } from 'zod';
import type { CallOptions, Http } from './http';
import { Id, Text } from './parameter';

/** Where a product is sold. */
const Marketplace = z.object({ id: Id, name: Text, currency: z.string().min(1) });

export function marketplaces(http: Http) {
  return {
    /** @see GET /marketplaces/{id} */
    get: (id: string, options?: CallOptions): Promise<z.infer<typeof Marketplace>> =>
      http.value({ method: 'GET', route: '/marketplaces/{id}', ids: [id] }, Marketplace, options),
  };
}
