import { REVOKE, REVOKING } from './request-run';
import type { Origin } from './selection';

/** Where Connect says that something was sold. */
interface Sold {
  product: { id: string };
  connection?: { type: string } | undefined;
  marketplace?: { id: string } | undefined;
  contract?: { id: string } | undefined;
}

/** A fulfillment request, or a draft of one, as Connect has it. */
interface Fulfillment extends Pick<Sold, 'marketplace' | 'contract'> {
  type: string;
  status: string;
  asset: Pick<Sold, 'product' | 'connection'>;
}

/** The same of a tier config request. */
interface TierConfig {
  type: string;
  configuration: Sold;
  environment: string;
}

/** What of a request decides whether it is processed. */
export function originOf({ type, status, asset, marketplace, contract }: Fulfillment): Origin {
  return {
    type: status === REVOKING ? REVOKE : type,
    productId: asset.product.id,
    connectionType: asset.connection?.type ?? '',
    marketplaceId: marketplace?.id ?? '',
    contractId: contract?.id ?? '',
  };
}

/** The same of a tier config request. */
export function tierOriginOf({ type, configuration, environment }: TierConfig): Origin {
  const { product, connection, marketplace, contract } = configuration;
  return {
    type: `tier-${type}`,
    productId: product.id,
    connectionType: connection?.type || environment,
    marketplaceId: marketplace?.id ?? '',
    contractId: contract?.id ?? '',
  };
}
