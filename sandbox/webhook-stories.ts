import type { SandboxControl } from './control-client';
import { type Act, actOn, approved, type Story } from './story';

/** What Connect calls the processor for, once each. Played while no round comes by itself, none of them ends unless Connect is heard. */
export function createWebhookStories(): Story[] {
  return [toldByWebhook(), correctedDraft()];
}

function toldByWebhook(): Story {
  return {
    name: 'webhook',
    about: 'Connect tells of an order, and it is taken up at once',
    place: async (control) => [approved(await control.placePurchase())],
    acts: [],
  };
}

/** The customer corrects what is marked. Where nothing is, they order as it is, and are asked afterwards. */
function correctedDraft(): Story {
  let id = '';
  return {
    name: 'draft',
    about: 'a wrong address is marked and corrected before the order is placed',
    async place(control) {
      const order = await control.placePurchase({ draft: true, admin_email: 'ada at customer' });
      ({ id } = order);
      return [approved(order)];
    },
    acts: [
      {
        about: 'the customer corrects what is marked, and orders',
        when: (view) => view.status(id) === 'draft',
        lingerMs: 1_000,
        async run(control) {
          const params = (await marked(control, id)).map((param) => ({ id: param, value: 'ada@customer.example' }));
          await actOn(control, id, 'validate', { as: 'distributor', body: { asset: { params } } });
          await actOn(control, id, 'purchase', { as: 'distributor', body: {} });
          return params.length > 0 ? {} : { acts: [answers(id)] };
        },
      },
    ],
  };
}

function answers(id: string): Act {
  return {
    about: 'nothing was marked, since nobody listened: the customer is asked, and answers',
    when: (view) => view.status(id) === 'inquiring',
    async run(control) {
      await control.answer(id, { admin_email: 'ada@customer.example' });
      return {};
    },
  };
}

/** Ids of the parameters that have an error. */
async function marked(control: SandboxControl, id: string): Promise<string[]> {
  const { body } = await control.connect('GET', `/requests/${id}`);
  const { params } = (body as { asset: { params: { id: string; value_error: string }[] } }).asset;
  return params.filter(({ value_error: error }) => error !== '').map((param) => param.id);
}
