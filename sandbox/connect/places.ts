import { DISTRIBUTOR, VENDOR } from './accounts';
import { EVENTS, PRODUCTS } from './catalogue';
import type { Channel, Connection } from './model';

const channel = (connection: Pick<Connection, 'id' | 'type' | 'hub'>, place: Omit<Channel, 'connection'>): Channel => ({
  ...place,
  connection: {
    ...connection,
    status: 'active',
    provider: { id: DISTRIBUTOR.id, name: DISTRIBUTOR.name },
    vendor: { id: VENDOR.id, name: VENDOR.name },
    created_at: EVENTS.created.at,
  },
});
const MARKETPLACE = { id: 'MP-10001', name: 'Sandbox Marketplace', icon: '/media/marketplace.png' };
const CONTRACT = { id: 'CRD-10000-20000-30001', name: 'Contract of Sandbox Marketplace', type: 'distribution' };
const HUB = { id: 'HB-1000-0001', name: 'Sandbox Hub' };

/** Production is where an order goes unless it says otherwise; ids of zeros are Connect's own for preview. */
export const CHANNELS = {
  production: channel(
    { id: 'CT-1000-0001', type: 'production', hub: HUB },
    { marketplace: MARKETPLACE, contract: CONTRACT },
  ),
  test: channel({ id: 'CT-1000-0002', type: 'test', hub: HUB }, { marketplace: MARKETPLACE, contract: CONTRACT }),
  preview: channel(
    { id: 'CT-0000-0000-0000', type: 'preview', hub: { id: 'HB-0000-0000', name: 'Preview' } },
    {
      marketplace: { id: 'MP-00000', name: 'Preview', icon: '' },
      contract: { id: 'CRD-00000-00000-00000', name: 'Preview', type: 'distribution' },
    },
  ),
  overseas: channel(
    { id: 'CT-1000-0003', type: 'production', hub: { id: 'HB-1000-0002', name: 'Sandbox Hub Overseas' } },
    {
      marketplace: { id: 'MP-10002', name: 'Sandbox Marketplace Overseas', icon: '/media/marketplace.png' },
      contract: { id: 'CRD-10000-20000-30002', name: 'Contract of Sandbox Marketplace Overseas', type: 'distribution' },
    },
  ),
};

/** A marketplace with its contract, and what is sold there. */
export interface Place {
  channel: Channel;
  currency: string;
  zone: string;
  country: { id: string; name: string };
  /** Ids of the products that are listed; undefined where all are. */
  listed?: string[];
}

export const PLACES: Place[] = [
  { channel: CHANNELS.production, currency: 'EUR', zone: 'EU', country: { id: 'ES', name: 'Spain' } },
  {
    channel: CHANNELS.overseas,
    currency: 'USD',
    zone: 'NA',
    country: { id: 'US', name: 'United States' },
    listed: [PRODUCTS.usage],
  },
];

/** The place of a contract; undefined for preview, which is none. */
export function placeOf(contractId: string): Place | undefined {
  return PLACES.find((place) => place.channel.contract.id === contractId);
}

/** Whether a product is sold under a contract; under preview every one is. */
export function isListed(productId: string, contractId: string): boolean {
  const listed = placeOf(contractId)?.listed;
  return listed === undefined || listed.includes(productId);
}
