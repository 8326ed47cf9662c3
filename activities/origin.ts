import type { FulfillmentRequest } from '../src/connect/requests';
import type { TierConfigRequest } from '../src/connect/tier-config-requests';
import { REVOKE, REVOKING } from '../src/domain/request-run';
import type { Origin } from '../src/domain/selection';

/** What of a request decides whether it is processed. */
export function originOf({ type, status, asset, marketplace, contract }: FulfillmentRequest): Origin {
  return {
    type: status === REVOKING ? REVOKE : type,
    productId: asset.product.id,
    connectionType: asset.connection?.type ?? '',
    marketplaceId: marketplace?.id ?? '',
    contractId: contract?.id ?? '',
  };
}

/** The same of a tier config request. */
export function tierOriginOf({ type, configuration, environment }: TierConfigRequest): Origin {
  const { product, connection, marketplace, contract } = configuration;
  return {
    type: `tier-${type}`,
    productId: product.id,
    connectionType: connection?.type || environment,
    marketplaceId: marketplace?.id ?? '',
    contractId: contract?.id ?? '',
  };
}
