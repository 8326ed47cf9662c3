import type { SeededSubscription } from './control-client';
import type { Story, View } from './story';
import type { UsageFileState } from './usage-control';

/** Sold in EUR, and in USD. */
const MARKETPLACES = ['MP-10001', 'MP-10002'];
/** What the run of a usage file does from its submission to the distributor's word. */
const AT_THE_DISTRIBUTOR = 'the distributor looks at it';

/** A month's usage of subscriptions under two contracts. The file in USD is corrected before it is accepted. */
export function usageStory(): Story {
  let productId = '';
  let overseas: SeededSubscription | undefined;
  let files: UsageFileState[] = [];
  const inDollars = () => files.filter(({ currency }) => currency === 'USD');
  const idsOf = (some: readonly UsageFileState[]) => some.map(({ id }) => id);
  const atTheDistributor = (view: View, some: readonly UsageFileState[]) =>
    some.every(({ id }) => view.step(id) === AT_THE_DISTRIBUTOR && view.status(id) === 'pending');
  return {
    name: 'usage',
    about: 'what was used in a month is reported, a file for each contract',
    async place(control) {
      productId = control.sandbox.products.usage;
      for (const marketplace of MARKETPLACES) {
        [overseas] = await control.seedSubscriptions({ product: productId, marketplace, count: 2 });
      }
      return [];
    },
    acts: [
      { about: 'the month is over', when: () => true, run: async () => ({ reportUsageOf: productId }) },
      {
        about: 'Connect has a usage file for each contract',
        when: (view) => view.usageFiles.length >= MARKETPLACES.length,
        async run(control) {
          files = await control.usage.files();
          const placed = files.map(({ id, external_id: workflow, currency }) => ({
            id,
            workflow,
            what: `usage in ${currency}`,
            submissions: currency === 'USD' ? 2 : 1,
            expected: 'accepted' as const,
          }));
          return { placed };
        },
      },
      {
        about: 'the distributor accepts one, and rejects the other; their runs are told to look',
        when: (view) => atTheDistributor(view, files),
        async run(control) {
          for (const { id, currency } of files) {
            if (currency === 'USD') await control.usage.reject(id, 'twice the usual');
            else await control.usage.accept(id, 'thank you');
          }
          return { reprocess: idsOf(files) };
        },
      },
      {
        about: 'the vendor corrects its records, and has the file sent again',
        when: (view) => inDollars().every(({ id }) => view.phase(id) === 'parked'),
        async run(control) {
          const records = [{ mpn: 'CALLS', quantity: 1 }];
          await control.usage.setTenantUsage({ external_id: overseas!.asset, records });
          return { reprocess: idsOf(inDollars()) };
        },
      },
      {
        about: 'the distributor accepts that one too',
        when: (view) => atTheDistributor(view, inDollars()),
        async run(control) {
          for (const { id } of inDollars()) await control.usage.accept(id, 'thank you');
          return { reprocess: idsOf(inDollars()) };
        },
      },
    ],
  };
}
