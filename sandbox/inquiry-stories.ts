import { randomUUID } from 'node:crypto';
import { type Act, actOn, approved, type Story, tierSetups } from './story';

/** Orders about which somebody is asked, who then answers. */
export function createInquiryStories(): Story[] {
  return [
    inquired('inquired', 'the e-mail address is none: the customer is asked, and answers', [WORKS]),
    inquired('asked twice', 'the answer is wrong again: the customer is asked once more', [MISTYPED, WORKS]),
    changeInquired(),
    resellerInquired(),
  ];
}

const WORKS = { about: 'the customer answers with an address that works', admin_email: 'ada@customer.example' };
const MISTYPED = { about: 'the customer answers, and mistypes', admin_email: 'ada(at)customer.example' };

/** @param answers of the customer, one for each time that they are asked */
function inquired(name: string, about: string, answers: { about: string; admin_email: string }[]): Story {
  let id = '';
  return {
    name,
    about,
    async place(control) {
      const { faulty } = control.sandbox.products;
      const order = await control.placePurchase({ product: faulty, admin_email: 'ada at customer' });
      ({ id } = order);
      return [approved(order)];
    },
    acts: answers.map(({ about: answer, ...params }) => answered(answer, () => id, params)),
  };
}

/** What was answered reaches the vendor. */
function changeInquired(): Story {
  const [wrong, right] = ['bob at customer', 'bob@customer.example'];
  let id = '';
  let asset = '';
  return {
    name: 'change asked',
    about: 'a change to a wrong address: the customer is asked and answers',
    async place(control) {
      ({ asset } = await control.seedSubscription({ product: control.sandbox.products.faulty }));
      const order = await control.placeOrder({ type: 'change', asset, params: { admin_email: wrong } });
      ({ id } = order);
      return [approved(order)];
    },
    acts: [
      answered('the customer answers with the right address', () => id, { admin_email: right }),
      {
        about: 'the vendor has what was answered',
        when: (view) => view.status(id) === 'approved',
        async run(control) {
          const [tenant] = await control.tenantsOf(asset);
          const said = `administrator of ${tenant?.tenantId}: ${tenant?.admin_email}`;
          if (tenant?.admin_email !== right) throw new Error(`${id} is approved, with the ${said}`);
          return { said };
        },
      },
    ],
  };
}

/** The reseller fills in the draft of their set-up, which comes with the draft of the purchase. */
function resellerInquired(): Story {
  let id = '';
  return {
    name: 'reseller asked',
    about: 'a wrong tax number: the reseller is asked; the purchase waits',
    async place(control) {
      const reseller = `reseller-${randomUUID().slice(0, 8)}`;
      const order = await control.placePurchase({ product: control.sandbox.products.tiered, reseller, draft: true });
      const setups = await tierSetups(control, reseller);
      ({ id } = setups.find(({ what }) => what === 'tier 1 setup')!);
      const params = [{ id: 'tax_number', value: 'DE12345678O' }];
      await actOn(control, id, 'validate', { as: 'distributor', body: { params } });
      await actOn(control, order.id, 'purchase', { as: 'distributor', body: {} });
      return [...setups, approved(order)];
    },
    acts: [answered('the reseller answers with a tax number', () => id, { tax_number: 'DE123456780' })],
  };
}

/** Whoever is asked answers. @param id of the request, which is known once it is placed */
function answered(about: string, id: () => string, params: Record<string, string>): Act {
  return {
    about,
    when: (view) => view.status(id()) === 'inquiring',
    async run(control) {
      await control.answer(id(), params);
      return {};
    },
  };
}
