import type { Story } from './story';
import type { UsageFileState } from './usage-control';

const MARKETPLACES = ['MP-10001', 'MP-10002'];
/** What the run of a usage file does from its submission to the distributor's word. */
const AT_THE_DISTRIBUTOR = 'the distributor looks at it';

/** A month's usage of subscriptions under two contracts. */
export function usageStory(): Story {
  let productId = '';
  let files: UsageFileState[] = [];
  return {
    name: 'usage',
    about: 'what was used in a month is reported, a file for each contract',
    async place(control) {
      productId = control.sandbox.products.usage;
      for (const marketplace of MARKETPLACES) {
        await control.seedSubscriptions({ product: productId, marketplace, count: 2 });
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
            submissions: 1,
            expected: 'accepted' as const,
          }));
          return { placed };
        },
      },
      {
        about: 'the distributor accepts both; their runs are told to look',
        when: (view) => files.every(({ id }) => view.step(id) === AT_THE_DISTRIBUTOR),
        async run(control) {
          const ids = files.map(({ id }) => id);
          for (const id of ids) await control.usage.accept(id, 'thank you');
          return { reprocess: ids };
        },
      },
    ],
  };
}
