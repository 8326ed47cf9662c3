import { z } from 'zod';
import type { CallOptions, Http } from './http';
import { all, pages } from './pages';
import { Id, optional, Text } from './parameter';

const Product = z.object({
  id: Id,
  name: Text,
  status: Text,
  capabilities: optional(
    z.object({
      /** Pay-as-you-go: absent where it is switched off. */
      ppu: optional(z.object({ schema: Text, dynamic: z.boolean().nullish() })),
    }),
  ),
});
const ParameterDefinition = z.object({ id: Id, name: Text, type: Text, phase: Text, scope: Text });
const ProductItem = z.object({
  id: Id,
  name: Text,
  mpn: Text,
  /** `Reservation` or `PPU`. */
  type: Text,
  /** How many decimals a quantity may have. */
  precision: z.enum(['Integer', 'Decimal(1)', 'Decimal(2)', 'Decimal(4)', 'Decimal(8)']).nullish().catch(undefined),
  status: Text,
});

export function products(http: Http) {
  return {
    /** @see GET /products/{id} */
    get: (id: string, options?: CallOptions) =>
      http.value({ method: 'GET', route: '/products/{id}', ids: [id] }, Product, options),

    /** Definitions, not values. @see GET /products/{id}/parameters */
    parameters(id: string, options?: CallOptions): Promise<z.infer<typeof ParameterDefinition>[]> {
      const route = '/products/{id}/parameters';
      return all(pages(http, { route, ids: [id] }, ParameterDefinition, {}, options), route);
    },

    /** @see GET /products/{id}/items */
    items(id: string, options?: CallOptions): Promise<z.infer<typeof ProductItem>[]> {
      const route = '/products/{id}/items';
      return all(pages(http, { route, ids: [id] }, ProductItem, {}, options), route);
    },
  };
}
