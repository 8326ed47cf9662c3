import { z } from 'zod';
import type { CallOptions, Http } from './http';
import { all, pages } from './pages';
import { Id, type Parameter, Parameters, Ref } from './parameter';
import { and, eq } from './rql';

const TierConfig = z.object({ id: Id, params: Parameters });

/** A reseller's configuration for a product, in short. */
const TierConfigOfProduct = z.object({ id: Id, product: Ref });

export function tierConfigs(http: Http) {
  return {
    /** @see GET /tier/configs/{id} */
    get: (id: string, options?: CallOptions): Promise<z.infer<typeof TierConfigOfProduct>> =>
      http.value({ method: 'GET', route: '/tier/configs/{id}', ids: [id] }, TierConfigOfProduct, options),

    /**
     * The parameters of a reseller's configuration for a product.
     *
     * @returns empty where there is none
     * @see GET /tier/configs
     */
    async paramsOf(
      of: { account: string; product: string; level: 1 | 2 },
      options?: CallOptions,
    ): Promise<Parameter[]> {
      const filter = and(eq('account.id', of.account), eq('product.id', of.product), eq('tier_level', of.level));
      const found = await all(
        pages(http, { route: '/tier/configs' }, TierConfig, { filter }, options),
        '/tier/configs',
      );
      return found.at(0)?.params ?? [];
    },
  };
}
