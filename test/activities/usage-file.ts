import { expect } from '@jest/globals';
import type { Selection } from '../../src/domain/selection';
import type { SeenWorkbook, UsageFileOf } from '../../src/domain/usage';
import type { Vendor } from '../../src/sdk';
import type { UsageHook } from '../../src/sdk/usage';
import { EUROPE, PERIOD, rowFor, usageOf, workbook } from '../sandbox/usage';
import { PRODUCTION } from '../support/selection';
import { EASY, useActivities } from './start';

/** The month that is reported. */
export const period = '2026-10';

/** A vendor who counts this of one subscription. */
export const counting = (asset: string, ...quantities: string[]): Vendor => ({
  ...EASY,
  usage: records(asset, quantities),
});
export const records = (asset: string, quantities: readonly string[]): UsageHook =>
  async function* () {
    for (const [index, quantity] of quantities.entries()) yield { asset, mpn: 'CALLS', quantity, id: `r-${index}` };
  };

/** Where everything is processed but these contracts. */
export const denied = (...ids: string[]): Selection => ({
  ...PRODUCTION,
  contracts: { allowed: undefined, denied: ids },
});

/** The activities, and the usage file of one month and contract that they make in the sandbox, in whatever status a test needs it. */
export function useUsageFile() {
  const started = useActivities();
  const { box, activities, run } = started;
  const files = usageOf(box);
  const act = (who: 'vendor' | 'distributor', id: string, action: string, body?: object) =>
    box[who]('POST', `/usage/files/${id}/${action}`, body);

  const of = () => ({ productId: box.sandbox.products.usage, period });
  const file = (): UsageFileOf => ({ ...of(), contractId: EUROPE });
  /** By what our file is found. */
  const ours = () => ({ external_id: `usage-${of().productId}-${EUROPE}-${period}`, period: PERIOD });

  /** What a look sees of a file. */
  async function seenIn(id: string): Promise<SeenWorkbook> {
    const { workbook } = await run(activities(), 'readUsageStage', [id]);
    return { fileId: id, workbook };
  }

  /** Our usage file in Connect, brought to each status in which it rests. */
  const ways: Record<string, (asset: string) => Promise<string>> = {
    draft: () => files.draft(ours()),
    async invalid() {
      const id = await files.draft(ours());
      await files.judged(id, 'no workbook');
      return id;
    },
    ready: () => files.ready(1, ours()),
    async uploaded(asset) {
      await box.control.set({ usageReadyAs: 'uploaded' });
      const id = await files.draft(ours());
      await files.judged(id, await workbook([rowFor(asset)]));
      return id;
    },
    async pending(asset) {
      const id = await ways['ready']!(asset);
      await act('vendor', id, 'submit');
      return id;
    },
    async rejected(asset) {
      const id = await ways['pending']!(asset);
      await act('distributor', id, 'reject', { rejection_note: '' });
      return id;
    },
    async accepted(asset) {
      const id = await ways['pending']!(asset);
      await act('distributor', id, 'accept');
      return id;
    },
    async closed(asset) {
      const id = await ways['accepted']!(asset);
      await act('distributor', id, 'close');
      return id;
    },
  };

  async function reach(status: string): Promise<{ id: string; asset: string }> {
    await box.control.set({ usageProcessingMs: 0 });
    const asset = await files.asset();
    const id = await ways[status]!(asset);
    expect(await files.status(id)).toBe(status);
    return { id, asset };
  }

  return { ...started, files, act, of, file, ours, seenIn, reach, statuses: Object.keys(ways) };
}
