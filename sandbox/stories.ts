import { randomUUID } from 'node:crypto';
import { createInquiryStories } from './inquiry-stories';
import { createPutOffStories } from './put-off-stories';
import { actOn, approved, tierSetups, type Act, type Story } from './story';

/** Every kind of order once; fresh objects at each call, since a story remembers its ids while it is played. */
export function createStories(): Story[] {
  return [
    plainPurchases(3),
    tieredPurchase(),
    onActive('change', 'a customer buys two more seats'),
    onActive('suspend', 'a customer is put on hold'),
    onActive('resume', 'a customer comes back from hold'),
    onActive('cancel', 'a customer leaves'),
    onActive('renew', 'a subscription goes on for another term'),
    onActive('transfer', 'a subscription passes to another seller'),
    adjusted(),
    ownModule(),
    wholeLife(),
    ...createInquiryStories(),
    refused(),
    released(),
    left(),
    stuck(),
    slowVendor(),
    ...createPutOffStories(),
  ];
}

/** @param count how many purchases of the plain product, placed at once */
export function plainPurchases(count: number): Story {
  return {
    name: 'purchases',
    about: `${count === 1 ? 'a customer buys' : `${count} customers buy`} the plain product`,
    place: async (control) =>
      (await control.placeOrders({ type: 'purchase', product: control.sandbox.products.plain, count })).map(approved),
    acts: [],
  };
}

function tieredPurchase(): Story {
  return {
    name: 'tiers',
    about: 'a purchase waits until both of its resellers are set up, tier 2 first',
    async place(control) {
      const reseller = `reseller-${randomUUID().slice(0, 8)}`;
      const order = await control.placePurchase({ product: control.sandbox.products.tiered, reseller });
      return [...(await tierSetups(control, reseller)), approved(order)];
    },
    acts: [],
  };
}

/** Of the product `backup`. What the customer is shown tells which module it was. */
function ownModule(): Story {
  let id = '';
  return {
    name: 'own module',
    about: 'a purchase of a product that has a vendor module of its own',
    async place(control) {
      const order = await control.placePurchase({ product: control.sandbox.products.backup });
      ({ id } = order);
      return [approved(order)];
    },
    acts: [
      {
        about: 'the customer reads what they bought',
        when: (view) => view.status(id) === 'approved',
        async run(control) {
          const { body } = await control.connect('GET', `/requests/${id}`);
          const { activation_key: said } = body as { activation_key: string };
          if (!said.includes('vault')) throw new Error(`${id} was approved by another module: "${said}"`);
          return { said };
        },
      },
    ],
  };
}

type Later = 'change' | 'suspend' | 'resume' | 'cancel';

function onActive(type: Later | 'renew' | 'transfer', about: string): Story {
  return {
    name: type,
    about,
    async place(control) {
      const status = type === 'resume' ? 'suspended' : 'active';
      const { asset } = await control.seedSubscription({ status });
      return [approved(await control.placeOrder({ type, asset }))];
    },
    acts: [],
  };
}

function adjusted(): Story {
  return {
    name: 'adjustment',
    about: 'the vendor itself corrects a value of a subscription',
    async place(control) {
      const { asset, tenantId } = await control.seedSubscription();
      const params = { subscription_id: `${tenantId}-moved` };
      return [approved(await control.placeOrder({ type: 'adjustment', asset, params }))];
    },
    acts: [],
  };
}

/** One subscription through all five types, each placed once the one before is approved. */
function wholeLife(): Story {
  let asset = '';
  let last = '';
  const act = (type: Later): Act => ({
    about: `the same customer: ${type}`,
    when: (view) => view.status(last) === 'approved',
    async run(control) {
      const order = await control.placeOrder({ type, asset });
      last = order.id;
      return { placed: [approved(order)] };
    },
  });
  return {
    name: 'whole life',
    about: 'one subscription: purchase, change, suspend, resume, cancel',
    async place(control) {
      const order = await control.placePurchase();
      asset = order.asset.id;
      last = order.id;
      return [approved(order)];
    },
    acts: [act('change'), act('suspend'), act('resume'), act('cancel')],
  };
}

function refused(): Story {
  return {
    name: 'refused',
    about: 'the vendor refuses this customer for good',
    async place(control) {
      const { faulty } = control.sandbox.products;
      const order = await control.placePurchase({ product: faulty, admin_email: 'refused@customer.example' });
      return [{ ...approved(order), expected: 'failed', tenants: 0 }];
    },
    acts: [],
  };
}

/** A person at the vendor fails the request in the portal while the vendor's system still works on it, which it does for ever. */
function released(): Story {
  let id = '';
  let asset = '';
  return {
    name: 'given back',
    about: 'a person fails an order that is under way; its tenant is removed',
    async place(control) {
      const order = await control.placePurchase({ admin_email: 'never@customer.example' });
      ({ id } = order);
      asset = order.asset.id;
      return [{ ...approved(order), expected: 'failed', givenBack: true }];
    },
    acts: [
      {
        about: 'a person fails the request in the portal',
        when: (view) => view.tenants(asset) > 0 && view.status(id) === 'pending',
        lingerMs: 1_000,
        async run(control) {
          await actOn(control, id, 'fail', { as: 'vendor', body: { reason: 'The customer has called it off.' } });
          return {};
        },
      },
    ],
  };
}

function left(): Story {
  return {
    name: 'left',
    about: 'a person has taken it in the portal: it is left to them',
    place: async (control) => [
      { ...approved(await control.placePurchase({ assignee: 'UR-000-000-007' })), expected: 'pending', tenants: 0 },
    ],
    acts: [],
  };
}

/** Connect refuses the approval of this one request until an operator has seen to it. */
function stuck(): Story {
  let id = '';
  let fault = '';
  return {
    name: 'stuck',
    about: 'Connect refuses the approval; an operator mends that and reprocesses',
    async place(control) {
      // A draft is nobody's turn yet, so the fault is set before the processor can see the order.
      const draft = await control.placePurchase({ product: control.sandbox.products.faulty, draft: true });
      id = draft.id;
      fault = (
        await control.fault({
          api: 'connect',
          method: 'POST',
          path: `/requests/${id}/approve`,
          status: 400,
          error_code: 'VAL_001',
          errors: ['The sandbox refuses this approval until its fault is removed.'],
        })
      ).id;
      await actOn(control, id, 'purchase', { as: 'distributor', body: {} });
      return [approved(draft)];
    },
    acts: [
      {
        about: 'the operator removes the cause and sends "reprocess"',
        when: (view) => ['parked', 'retrying'].includes(view.phase(id) ?? ''),
        lingerMs: 3_000,
        async run(control) {
          await control.clearFault(fault);
          return { reprocess: [id] };
        },
      },
    ],
  };
}

function slowVendor(): Story {
  return {
    name: 'wait',
    about: 'the vendor needs some seconds and asks to be asked again',
    place: async (control) => [approved(await control.placePurchase({ admin_email: 'slow@customer.example' }))],
    acts: [],
  };
}
