import { randomUUID } from 'node:crypto';
import type { OrderSpec, PlacedOrder, SandboxControl } from './control-client';

/**
 * The orders that the demo places, as data: what is placed, what is expected of it, and the acts that follow.
 *
 * A story knows the sandbox alone. Whoever plays it says what it sees (`View`) and sends the signals it is asked for.
 */
export interface Story {
  name: string;
  /** One short line for a person. */
  about: string;
  place(control: SandboxControl): Promise<Expected[]>;
  /** What happens later, in this order; each once its moment has come. Empty for most stories. */
  acts: Act[];
}

/** What has to become of one request. */
export interface Expected {
  /** `PR-…` or `TCR-…` */
  id: string;
  /** For example `purchase`, `tier 2 setup`. */
  what: string;
  expected: 'approved' | 'failed';
  /** Subscription that it is about, if it is about one. */
  asset?: string;
  /** How many tenants the vendor may ever have created for that subscription. */
  tenants?: number;
}

export interface View {
  /** Status of a request in Connect. */
  status(id: string): string | undefined;
  /** Phase of its workflow: `running`, `retrying`, `parked`. */
  phase(id: string): string | undefined;
}

export interface Act {
  /** What happens now, for a person. */
  about: string;
  when(view: View): boolean;
  /** How long its moment lasts before it is played, for a person to see it. */
  lingerMs?: number;
  run(control: SandboxControl): Promise<Consequence>;
}

export interface Consequence {
  /** Further requests that were placed. */
  placed?: Expected[];
  /** Requests to send the signal `reprocess` to. */
  reprocess?: string[];
}

/** Every kind of order once; fresh objects at each call, since a story remembers its ids while it is played. */
export function createStories(): Story[] {
  return [
    plainPurchases(3),
    tieredPurchase(),
    onActive('change', 'a customer buys two more seats'),
    onActive('suspend', 'a customer is put on hold'),
    onActive('resume', 'a customer comes back from hold'),
    onActive('cancel', 'a customer leaves'),
    wholeLife(),
    badParameter(),
    refused(),
    stuck(),
    slowVendor(),
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
      const order = await purchase(control, { product: control.sandbox.products.tiered, reseller });
      const { tierConfigRequests } = await control.state();
      const setups = tierConfigRequests
        .filter((request) => [reseller, `${reseller}-parent`].includes(request.reseller))
        .map(({ id, level }): Expected => ({ id, what: `tier ${level} setup`, expected: 'approved' }));
      return [...setups, approved(order)];
    },
    acts: [],
  };
}

type Later = 'change' | 'suspend' | 'resume' | 'cancel';

function onActive(type: Later, about: string): Story {
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
      const order = await purchase(control, {});
      asset = order.asset.id;
      last = order.id;
      return [approved(order)];
    },
    acts: [act('change'), act('suspend'), act('resume'), act('cancel')],
  };
}

function badParameter(): Story {
  let id = '';
  return {
    name: 'inquired',
    about: 'the e-mail address is none: the customer is asked, and answers',
    async place(control) {
      const order = await purchase(control, {
        product: control.sandbox.products.faulty,
        admin_email: 'ada at customer',
      });
      id = order.id;
      return [approved(order)];
    },
    acts: [
      {
        about: 'the customer answers with an address that works',
        when: (view) => view.status(id) === 'inquiring',
        async run(control) {
          await control.answer(id, { admin_email: 'ada@customer.example' });
          return {};
        },
      },
    ],
  };
}

function refused(): Story {
  return {
    name: 'refused',
    about: 'the vendor refuses this customer for good',
    async place(control) {
      const { faulty } = control.sandbox.products;
      const order = await purchase(control, { product: faulty, admin_email: 'refused@customer.example' });
      return [{ ...approved(order), expected: 'failed', tenants: 0 }];
    },
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
      const draft = await purchase(control, { product: control.sandbox.products.faulty, draft: true });
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
      const { status, body } = await control.connect('POST', `/requests/${id}/purchase`, {
        as: 'distributor',
        body: {},
      });
      if (status !== 200) throw new Error(`the draft ${id} could not be bought: ${status} ${JSON.stringify(body)}`);
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
    place: async (control) => [approved(await purchase(control, { admin_email: 'slow@customer.example' }))],
    acts: [],
  };
}

const purchase = (control: SandboxControl, spec: Omit<OrderSpec, 'count' | 'type'>) => control.placePurchase(spec);

function approved(order: PlacedOrder): Expected {
  return { id: order.id, what: order.type, expected: 'approved', asset: order.asset.id, tenants: 1 };
}
