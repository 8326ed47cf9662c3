import { z } from 'zod';
import type { CallOptions, Http } from './http';
import { all, pages } from './pages';
import { Id, Text } from './parameter';
import { and, eq } from './rql';

/** A text that is shown to the customer. Templates of the tier scopes have no type. */
const Template = z.object({ id: Id, name: Text, scope: Text, type: Text });
export type Template = z.infer<typeof Template>;

export function templates(http: Http) {
  return {
    /**
     * Scope and type are the only filters that Connect declares; names are for the caller to compare.
     *
     * @see GET /products/{id}/templates
     */
    async list(
      productId: string,
      { scope, type }: { scope: string; type?: string },
      options?: CallOptions,
    ): Promise<Template[]> {
      const filter = and(eq('scope', scope), ...(type === undefined ? [] : [eq('type', type)]));
      const route = '/products/{id}/templates';
      const found = await all(pages(http, { route, ids: [productId] }, Template, { filter }, options), route);
      return found.filter((template) => template.scope === scope && (type === undefined || template.type === type));
    },
  };
}
