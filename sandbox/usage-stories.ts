import type { SeededSubscription } from './control-client';
import type { Act, Expected, Story, View } from './story';
import type { UsageFileState } from './usage-control';

/** Months of usage, each of a product of its own. */
export function createUsageStories(): Story[] {
  return [monthReported(), badRecord()];
}

/** Sold in EUR, and in USD. */
const MARKETPLACES = ['MP-10001', 'MP-10002'];
/** What the run of a usage file does from its submission to the distributor's word. */
const AT_THE_DISTRIBUTOR = 'the distributor looks at it';

/** A month's usage of subscriptions under two contracts. The file in USD is corrected before it is accepted. */
function monthReported(): Story {
  let productId = '';
  let overseas: SeededSubscription | undefined;
  let files: UsageFileState[] = [];
  const inDollars = () => files.filter(({ currency }) => currency === 'USD');
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
      monthIsOver(() => productId),
      {
        about: 'Connect has a usage file for each contract',
        when: (view) => filesOf(view, productId).length >= MARKETPLACES.length,
        async run(_control, view) {
          files = filesOf(view, productId);
          return { placed: files.map((file) => accepted(file, file.currency === 'USD' ? 2 : 1)) };
        },
      },
      {
        about: 'the distributor accepts one, and rejects the other; their runs are told to look',
        when: (view) => areAtTheDistributor(view, files),
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
      distributorAccepts('the distributor accepts that one too', inDollars),
    ],
  };
}

/** A record of an item that the product does not have: nothing of its file goes out until it is corrected. */
function badRecord(): Story {
  let productId = '';
  let mistyped: SeededSubscription | undefined;
  let files: UsageFileState[] = [];
  const heldBack = (view: View) => view.heldBack.filter(({ product }) => product === productId);
  return {
    name: 'bad record',
    about: 'a wrong record holds its file back until it is corrected',
    async place(control) {
      productId = control.sandbox.products.faulty;
      const subscriptions = await control.seedSubscriptions({ product: productId, count: 2 });
      for (const [n, { asset }] of subscriptions.entries()) {
        const records = [{ mpn: n === 1 ? 'TRAFIC' : 'TRAFFIC', quantity: 1200 }];
        await control.usage.setTenantUsage({ external_id: asset, records });
      }
      [, mistyped] = subscriptions;
      return [];
    },
    acts: [
      monthIsOver(() => productId),
      {
        about: 'the vendor is told which record is wrong; nothing has gone to Connect',
        when: (view) => heldBack(view).length > 0,
        async run(_control, view) {
          const [early] = filesOf(view, productId);
          if (early) throw new Error(`${early.id} is in Connect, although a record is wrong`);
          return { said: heldBack(view)[0]!.reason };
        },
      },
      {
        about: 'the vendor corrects the record, and has the file sent',
        when: (view) => heldBack(view).length > 0,
        async run(control, view) {
          const records = [{ mpn: 'TRAFFIC', quantity: 1200 }];
          await control.usage.setTenantUsage({ external_id: mistyped!.asset, records });
          return { reprocess: heldBack(view).map(({ workflow }) => workflow) };
        },
      },
      {
        about: 'Connect has the usage file',
        when: (view) => filesOf(view, productId).length > 0,
        async run(_control, view) {
          files = filesOf(view, productId);
          return { placed: files.map((file) => accepted(file, 1)) };
        },
      },
      distributorAccepts('the distributor accepts it', () => files),
    ],
  };
}

const monthIsOver = (productId: () => string): Act => ({
  about: 'the month is over',
  when: () => true,
  run: async () => ({ reportUsageOf: productId() }),
});

/** @param files those of the moment */
function distributorAccepts(about: string, files: () => readonly UsageFileState[]): Act {
  return {
    about,
    when: (view) => areAtTheDistributor(view, files()),
    async run(control) {
      for (const { id } of files()) await control.usage.accept(id, 'thank you');
      return { reprocess: idsOf(files()) };
    },
  };
}

/** @param submissions how often it may be submitted */
function accepted({ id, external_id: workflow, currency }: UsageFileState, submissions: number): Expected {
  return { id, workflow, what: `usage in ${currency}`, submissions, expected: 'accepted' };
}

const filesOf = (view: View, productId: string) => view.usageFiles.filter(({ product }) => product.id === productId);
const idsOf = (files: readonly UsageFileState[]) => files.map(({ id }) => id);
const areAtTheDistributor = (view: View, files: readonly UsageFileState[]) =>
  files.every(({ id }) => view.step(id) === AT_THE_DISTRIBUTOR && view.status(id) === 'pending');
