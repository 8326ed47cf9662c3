import { z } from 'zod';
import type { CallOptions, Http } from './http';
import { all, pages } from './pages';
import { Id, optional, type Parameter, Parameters, Ref, Text } from './parameter';
import { and, eq } from './rql';

const TierConfig = z.object({
  id: Id,
  connection: optional(z.object({ id: Text })).catch(undefined),
  params: Parameters,
});

/** A reseller's configuration for a product, in short. */
const TierConfigOfProduct = z.object({ id: Id, product: Ref });

export function tierConfigs(http: Http) {
  return {
    /** @see GET /tier/configs/{id} */
    get: (id: string, options?: CallOptions): Promise<z.infer<typeof TierConfigOfProduct>> =>
      http.value({ method: 'GET', route: '/tier/configs/{id}', ids: [id] }, TierConfigOfProduct, options),

    /**
     * The parameters of a reseller's configuration for a product: that of the connection, since a reseller of test orders has another than the
     * same one of customers' orders. The first, where Connect does not say of which connection they are.
     *
     * @returns empty where there is none
     * @see GET /tier/configs
     */
    async paramsOf(
      of: { account: string; product: string; level: 1 | 2; connection?: string | undefined },
      options?: CallOptions,
    ): Promise<Parameter[]> {
      const filter = and(eq('account.id', of.account), eq('product.id', of.product), eq('tier_level', of.level));
      const found = await all(
        pages(http, { route: '/tier/configs' }, TierConfig, { filter }, options),
        '/tier/configs',
      );
      const own = found.find(({ connection }) => connection?.id === of.connection);
      const config = own ?? found.find(({ connection }) => !connection?.id || !of.connection);
      return config?.params ?? [];
    },
  };
}
