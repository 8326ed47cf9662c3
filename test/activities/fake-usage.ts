import type { UsageSource } from '../../activities/usage-reader';
import type { ReportedAsset } from '../../src/connect/assets';
import type { Logger } from '../../src/sdk/request-context';
import type { UsageRecord } from '../../src/sdk/usage';

export const PRODUCT = 'PRD-000-000-001';
export const EUROPE = 'CRD-00000-00000-00001';
export const OVERSEAS = 'CRD-00000-00000-00002';

export const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A subscription under one contract, with the vendor's own id of it. */
export function subscription(id: string, given: Partial<ReportedAsset> & { vendorId?: string } = {}): ReportedAsset {
  const { vendorId = `S-${id}`, ...rest } = given;
  return {
    id,
    status: 'active',
    contract: { id: EUROPE },
    marketplace: { id: 'MP-00001' },
    params: [{ id: 'subscription_id', value: vendorId }],
    ...rest,
  };
}

type Item = Awaited<ReturnType<UsageSource['connect']['products']['items']>>[number];
type Capability = { schema: string; dynamic?: boolean };

/** What Connect has. Lists match the way Connect matches: a parameter's id and value need not belong together. */
export interface Fakes {
  subscriptions?: ReportedAsset[];
  items?: Item[];
  /** Null where pay-as-you-go is switched off. */
  ppu?: Capability | null;
  /** Told of each call. */
  onCall?: (call: string, ...args: unknown[]) => void;
}

export const item = (mpn: string, type = 'PPU', precision: Item['precision'] = 'Decimal(2)'): Item => ({
  id: `${PRODUCT}-${mpn}`,
  name: mpn,
  status: 'published',
  mpn,
  type,
  precision,
});

export function fakeConnect(fakes: Fakes = {}): UsageSource['connect'] {
  const { subscriptions = [], items = [item('CALLS'), item('SEAT', 'Reservation')] } = fakes;
  const { ppu = { schema: 'QT' }, onCall = () => undefined } = fakes;
  const elsewhere = () => Promise.reject(new Error('nobody should ask for this'));
  return {
    products: {
      get: async (id) => (
        onCall('product', id),
        { id, name: '', status: 'published', capabilities: ppu ? { ppu } : {} }
      ),
      items: async (id) => (onCall('items', id), items),
      parameters: elsewhere,
    },
    assets: {
      withIds: async (product, ids) => (
        onCall('withIds', product, ids),
        subscriptions.filter(({ id }) => ids.includes(id))
      ),
      withParameter: async (product, { id, values }) => {
        onCall('withParameter', product, id, values);
        const has = (asset: ReportedAsset, fits: (param: { id: string; value: string }) => boolean) =>
          asset.params.some(fits);
        return subscriptions.filter(
          (asset) => has(asset, (param) => param.id === id) && has(asset, ({ value }) => values.includes(value)),
        );
      },
      get: elsewhere,
      requests: elsewhere,
    },
  };
}

/** The records as a hook gives them out. They may be anything, since a vendor's code may be JavaScript. */
export async function* given(records: Iterable<unknown>): AsyncGenerator<UsageRecord> {
  for (const record of records) yield record as UsageRecord;
}

export async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of all) list.push(one);
  return list;
}
