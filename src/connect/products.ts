import { z } from 'zod';
import type { CallOptions, Http } from './http';
import { all, pages } from './pages';
import { Text } from './parameter';

const Product = z.object({ id: z.string(), name: Text, status: Text });
const ParameterDefinition = z.object({ id: z.string(), name: Text, type: Text, phase: Text, scope: Text });
const ProductItem = z.object({ id: z.string(), name: Text, mpn: Text, type: Text, status: Text });

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
