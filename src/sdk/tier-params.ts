import type { ConnectClient } from '../connect/client';
import type { Parameter } from '../connect/parameter';
import type { FulfillmentRequest } from '../connect/requests';
import type { FulfillmentContext } from './request-context';

/** Reads the parameters of a reseller's tier configuration when they are asked for, once for each level. */
export function tierParamsOf(
  { tierConfigs }: Pick<ConnectClient, 'tierConfigs'>,
  { asset }: FulfillmentRequest,
  signal: AbortSignal,
): FulfillmentContext['tierParams'] {
  const read = new Map<number, Promise<readonly Parameter[]>>();
  return (level) => {
    const account = asset.tiers[`tier${level}`]?.id;
    if (!account) return Promise.resolve([]);
    const of = { account, product: asset.product.id, level, connection: asset.connection?.id };
    const params = read.get(level) ?? tierConfigs.paramsOf(of, { signal });
    read.set(level, params);
    return params;
  };
}
