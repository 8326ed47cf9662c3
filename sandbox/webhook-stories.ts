import type { PlacedOrder, SandboxControl } from './control-client';
import { type Act, actOn, approved, type Story } from './story';

/**
 * What Connect calls the processor for, once each. Played while no round comes by itself, none of them ends unless Connect is heard.
 *
 * @param url where the processor listens
 */
export function createWebhookStories(url: string): Story[] {
  return [toldByWebhook(), correctedDraft(), openedPanel(url)];
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

/** A button of the portal leads to the vendor, by a link that Connect signs. */
function openedPanel(url: string): Story {
  let action = '';
  let order: PlacedOrder | undefined;
  const opens = (about: string, lingerMs: number): Act => ({
    about,
    when: (view) => order !== undefined && view.status(order.id) === 'approved',
    lingerMs,
    async run(control) {
      const assetId = order!.asset.id;
      const panel = await follow(control, `${action}/actionLink?asset_id=${assetId}`);
      if (panel === undefined) return { acts: [opens('nobody listened: the person tries again', 1_000)] };
      const [tenant] = await control.tenantsOf(assetId);
      if (tenant && panel.text.includes(tenant.tenantId)) return { said: `led to ${panel.url}` };
      throw new Error(`The panel of ${assetId} is not at ${panel.url}: ${panel.text}`);
    },
  });
  return {
    name: 'panel',
    about: 'a button of the portal leads to the control panel of a subscription',
    async place(control) {
      const path = `/products/${control.sandbox.products.plain}/actions`;
      const members = { name: 'panel', type: 'button', scope: 'asset', description: 'The control panel' };
      const { body } = await control.connect('POST', path, { body: { ...members, action: `${url}/actions/panel` } });
      action = `${path}/${(body as { id: string }).id}`;
      order = await control.placePurchase();
      return [approved(order)];
    },
    acts: [opens('a person presses the button', 0)],
  };
}

/** Where a link of Connect leads to in the end; undefined where nobody answers. */
async function follow(control: SandboxControl, path: string): Promise<{ url: string; text: string } | undefined> {
  const { body } = await control.connect('GET', path);
  try {
    const page = await fetch((body as { link: string }).link);
    return { url: page.url.replace(/\?.*/, ''), text: await page.text() };
  } catch {
    return undefined;
  }
}

/** Ids of the parameters that have an error. */
async function marked(control: SandboxControl, id: string): Promise<string[]> {
  const { body } = await control.connect('GET', `/requests/${id}`);
  const { params } = (body as { asset: { params: { id: string; value_error: string }[] } }).asset;
  return params.filter(({ value_error: error }) => error !== '').map((param) => param.id);
}
