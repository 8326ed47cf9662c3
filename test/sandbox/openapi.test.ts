import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectRoutes } from '../../sandbox/connect/routes';
import { Store } from '../../sandbox/connect/store';
import { createServer } from '../../sandbox/http-server';
import { createValidator, type Deviation } from './openapi-validator';
import { useSandbox } from './start';
import { form, rowFor, usageOf, workbook } from './usage';

/**
 * The sandbox's answers against Connect's own description, which is not ours to ship: `CONNECT_OPENAPI` names its file
 * (`connect-openapi30.yml`, API version 37).
 */
const file = process.env.CONNECT_OPENAPI;

/**
 * Where the sandbox parts from the description, and why. `null` is allowed everywhere: Connect sends it for what is not
 * known yet, and the description leaves that out.
 */
const DEVIATIONS: Deviation[] = [
  {
    why: 'the answer names five types of request; the filters of the same list name eight',
    at: /^\/(\d+\/)?type$/,
    keyword: 'enum',
    values: ['adjustment', 'renew', 'transfer'],
  },
  {
    why: 'the answer names six statuses of a request; the filters of the same list name nine',
    at: /^\/(\d+\/)?status$/,
    keyword: 'enum',
    values: ['scheduled', 'revoking', 'revoked'],
  },
  {
    why: 'inside a request the older statuses of an asset are named; /assets and the filters name these as well',
    at: /\/asset\/status$/,
    keyword: 'enum',
    values: ['draft', 'terminating'],
  },
  { why: 'an assignee is described as text; real ones are persons', at: /\/assignee$/, keyword: 'type' },
  {
    why: 'quantities of an asset are described as numbers; inside requests, and in reality, they are text',
    at: /\/items\/\d+\/quantity$/,
    keyword: 'type',
  },
  {
    why: "an asset's parameters are described as a list of lists; a request's, and real ones, are a list",
    at: /^\/(\d+\/)?params\/\d+$/,
    keyword: 'type',
  },
  {
    why: "a tier config request's parameters are described as text; its configuration's, and real ones, are a list",
    at: /^\/(\d+\/)?params$/,
    keyword: 'type',
  },
  { why: 'a level is described as a text that is one of two numbers', at: /\/(tier_)?level$/, keyword: 'type' },
];

if (file === undefined) {
  test.skip("answers are what Connect's OpenAPI description says (CONNECT_OPENAPI names no file)", () => undefined);
} else {
  describe("answers are what Connect's OpenAPI description says:", () => {
    const validator = createValidator(readFileSync(file, 'utf8'), DEVIATIONS);
    const box = useSandbox();
    const seen = new Set<string>();
    let faults: string[] = [];
    beforeEach(() => {
      faults = [];
    });
    afterEach(() => expect(faults).toEqual([]));

    /** Make a call; its answer has to be as described. */
    async function call(who: 'vendor' | 'distributor', method: string, path: string, body?: unknown) {
      const answer = await box[who](method, path, body);
      const [bare = ''] = path.split('?');
      const operation = validator.operation(method, bare);
      if (operation !== undefined && answer.status < 300) seen.add(operation);
      for (const fault of validator.check(method, bare, answer.status, answer.body)) {
        faults.push(`${operation ?? bare} ${answer.status} ${fault}`);
      }
      return answer;
    }
    const vendor = (method: string, path: string, body?: unknown) => call('vendor', method, path, body);
    const distributor = (method: string, path: string, body?: unknown) => call('distributor', method, path, body);
    const save = (id: string, params: object[]) => vendor('PUT', `/requests/${id}`, { asset: { params } });

    test('products and where they are sold', async () => {
      for (const id of Object.values(box.sandbox.products)) {
        await vendor('GET', `/products/${id}`);
        for (const part of ['parameters', 'items', 'templates', 'configurations']) {
          const { body } = await vendor('GET', `/products/${id}/${part}`);
          if (part !== 'configurations') await vendor('GET', `/products/${id}/${part}/${body[0].id}`);
        }
      }
      for (const list of ['/products', '/marketplaces', '/contracts']) {
        const { body } = await vendor('GET', list);
        await vendor('GET', `${list}/${body[0].id}`);
      }
    });

    test('product actions', async () => {
      const path = `/products/${box.sandbox.products.plain}/actions`;
      const { asset } = await box.control.seedSubscription();
      const action = {
        action: 'https://vendor.example',
        name: 'sso',
        type: 'button',
        scope: 'asset',
        description: 'Log in',
      };
      const { body } = await vendor('POST', path, action);
      await vendor('GET', path);
      await vendor('GET', `${path}/${body.id}`);
      await vendor('PUT', `${path}/${body.id}`, action);
      await vendor('POST', `${path}/regeneratesecret`);
      await vendor('GET', `${path}/${body.id}/actionLink?asset_id=${asset}`);
      await vendor('DELETE', `${path}/${body.id}`);
    });

    test('a purchase that is inquired, answered and approved', async () => {
      const { body: placed } = await distributor('POST', '/requests', {
        type: 'purchase',
        asset: {
          product: { id: box.sandbox.products.plain },
          items: [{ mpn: 'SEAT', quantity: 3 }],
          params: [{ id: 'admin_email', value: 'nobody' }],
        },
      });
      const path = `/requests/${placed.id}`;
      await save(placed.id, [{ id: 'admin_email', value_error: 'No address.' }]);
      await vendor('POST', `${path}/inquire`, {});
      await vendor('POST', `${path}/inquire`, {});
      await distributor('POST', `${path}/pend`);
      await vendor('POST', `${path}/assign`, { email: 'o@v.example' });
      await vendor('GET', path);
      await vendor('POST', `${path}/unassign`);
      await vendor('POST', `${path}/validate`, {});
      await vendor('POST', `${path}/approve`, {});
      await save(placed.id, [{ id: 'subscription_id', value: 'S-1' }]);
      const template_id = await box.activationTemplate(box.sandbox.products.plain);
      await vendor('POST', `${path}/approve`, { template_id });
      await vendor('GET', `${path}/render`);
      const template = `/products/${box.sandbox.products.plain}/templates/${template_id}`;
      await vendor('GET', `${template}/render?request_id=${placed.id}`);
      await vendor('GET', '/requests?in(status,(approved))');
      await vendor('GET', '/requests?eq(status');
      for (const one of ['', '/requests', '/render']) await vendor('GET', `/assets/${placed.asset.id}${one}`);
      await vendor('GET', `/subscriptions/assets/${placed.asset.id}`);
      await vendor('GET', '/assets?select(template,pending_request)');
      const { body: conversations } = await vendor('GET', `/conversations?instance_id=${placed.id}`);
      const conversation = `/conversations/${conversations[0].id}`;
      await vendor('POST', `${conversation}/messages`, { text: 'Hello.' });
      await vendor('GET', `${conversation}/messages`);
      await vendor('GET', conversation);
    });

    test('drafts, plans, failures and every type of request', async () => {
      const draft = await box.control.placePurchase({ draft: true });
      await vendor('GET', `/requests/${draft.id}`);
      await distributor('POST', `/requests/${draft.id}/purchase`, {});
      await vendor('POST', `/requests/${draft.id}/schedule`, { planned_date: '2099-01-01T00:00:00+00:00' });
      await distributor('POST', `/requests/${draft.id}/revoke`, { reason: 'changed my mind' });
      await vendor('POST', `/requests/${draft.id}/confirm`);
      const other = await box.control.placePurchase({ draft: true });
      await distributor('POST', `/requests/${other.id}/submit`, {});
      await vendor('POST', `/requests/${other.id}/fail`, {});
      await vendor('POST', `/requests/${other.id}/fail`, { reason: 'no' });

      const { asset } = await box.control.seedSubscription();
      for (const type of ['change', 'adjustment', 'suspend', 'resume', 'cancel']) {
        const request = await box.control.placeOrder({ type, asset });
        await vendor('GET', `/requests/${request.id}`);
        await box.approve(request.id);
        await vendor('GET', `/requests/${request.id}`);
      }
    });

    test('tier configurations of two levels, and their update', async () => {
      const { tiered } = box.sandbox.products;
      await box.control.placePurchase({ product: tiered, reseller: 'north', sliZone: 2 });
      await vendor('GET', '/requests');
      const root = '/tier/config-requests';
      for (const level of [2, 1]) {
        const { body } = await vendor('GET', `${root}?in(status,(pending))`);
        const path = `${root}/${body[0].id}`;
        await vendor('GET', path);
        await vendor('PUT', path, { params: [{ id: 'reseller_id', value_error: 'Which?' }] });
        await vendor('POST', `${path}/inquire`);
        await vendor('POST', `${path}/pend`);
        await vendor('POST', `${path}/assign`, { email: 'o@v.example' });
        await vendor('POST', `${path}/unassign`);
        await vendor('POST', `${path}/validate`, { params: [] });
        await vendor('PUT', path, { params: [{ id: 'reseller_id', value: 'R-1', value_error: '' }] });
        const template = { id: await box.activationTemplate(tiered, `tier${level}`) };
        await vendor('POST', `${path}/approve`, { template });
        await vendor('GET', path);
        await vendor('GET', `${path}/render`);
      }
      const { body: configs } = await vendor('GET', '/tier/configs');
      await vendor('GET', `/tier/configs/${configs[0].id}`);
      await vendor('GET', `/tier/configs/${configs[0].id}/render`);
      const update = { type: 'update', configuration: { id: configs[0].id } };
      const { body: later } = await distributor('POST', root, update);
      await vendor('POST', `${root}/${later.id}/fail`, { reason: 'no' });
      const { body: draft } = await distributor('POST', root, { ...update, status: 'draft' });
      await distributor('POST', `${root}/${draft.id}/validate`, { params: [] });
      await distributor('POST', `${root}/${draft.id}/submit`);
      const { body: accounts } = await vendor('GET', '/tier/accounts');
      await vendor('GET', `/tier/accounts/${accounts[0].id}`);
    });

    test('usage files, their records, and how they are closed', async () => {
      // The description has 200 for an upload alone; 201, which the sandbox answers by default, is Connect's own too.
      await box.control.set({ usageProcessingMs: 0, usageUploadAnswer: 200 });
      const { usage: product } = box.sandbox.products;
      await box.control.usage.setPayAsYouGo(product, { schema: 'TR' });
      const usage = usageOf(box);
      const asset = await usage.asset();
      const path = '/usage/files';
      const period = { from: '2026-10-01', to: '2026-10-31' };
      const contract = { id: 'CRD-10000-20000-30001' };
      const { body: created } = await vendor('POST', path, {
        name: 'October',
        product: { id: product },
        contract,
        period,
      });
      const file = `${path}/${created.id}`;
      await vendor('GET', file);
      await vendor('PUT', file, { note: 'Counted.' });
      await vendor('POST', `${file}/submit`);
      await vendor('POST', path, {});
      await vendor('GET', `/usage/products/${product}/template`);

      const row = (nth: number) =>
        rowFor(asset, { record_id: `record-${nth}`, amount: 1.5, tier: 0, category_id: 'C-1', 'v.region': 'north' });
      const categories = [{ category_id: 'C-1', category_name: 'Europe', category_description: 'West' }];
      const judge = async (action: string, body?: FormData) => {
        await vendor('POST', `${file}/${action}`, body);
        await box.control.usage.untilSettled(created.id, { statuses: ['ready', 'invalid'] });
        await vendor('GET', file);
        await vendor('GET', path);
      };
      await judge('upload', form(await workbook([row(1), { ...row(2), asset_search_value: 'AS-0' }], categories)));
      await vendor('GET', `/usage/records?eq(usagefile.id,${created.id})`);
      await judge('upload', form(await workbook([row(1), row(2), row(3), row(4)], categories)));
      await judge('reprocess');
      await vendor('GET', `${file}/categories`);
      await vendor('POST', `${file}/submit`);
      await distributor('POST', `${file}/reject`, { rejection_note: 'Again.' });
      await judge('upload', form(await workbook([row(1), row(2), row(3), row(4)], categories)));
      await vendor('POST', `${file}/submit`);

      const { body: records } = await distributor('GET', `/usage/records?eq(usagefile.id,${created.id})`);
      const [one, two, three] = records.map(({ id }: { id: string }) => id);
      await distributor('PUT', `/usage/records/${one}`, { status: 'rejected' });
      await distributor('PUT', `${file}/approve-all`);
      await distributor('POST', `${file}/accept`, { acceptance_note: 'Fine.' });
      await distributor('POST', `/usage/records/${two}/close`, { external_billing_id: 'B-2' });
      await distributor('POST', '/usage/records/close-records', [{ id: three }, { id: 'UR-1' }]);
      await distributor('GET', `/usage/records/${two}`);
      await distributor('GET', '/usage/aggregates');
      const reconciliation = await workbook([{ record_id: 'record-4', external_billing_id: 'B-4' }]);
      await distributor('POST', `${file}/reconciliation`, form(reconciliation, 'recon_file'));
      const { body: list } = await distributor('GET', '/usage/reconciliations');
      await distributor('GET', `/usage/reconciliations/${list[0].id}`);
      expect(await usage.status(created.id)).toBe('closed');

      const accepted = await usage.draft();
      const content = await workbook([row(1)], categories);
      await usage.judged(accepted, content);
      await vendor('POST', `${path}/${accepted}/submit`);
      await box.control.usage.accept(accepted);
      await distributor('POST', `${path}/${accepted}/close`);
      await vendor('POST', `${path}/${await usage.draft()}/delete`);
      await vendor('GET', path);
    });

    test('webhooks', async () => {
      const path = '/notifications/webhooks';
      const { body: created } = await vendor('POST', path, {
        label: 'rounds',
        description: 'Wakes a round',
        object_class: 'fulfillment_request',
        product_id: box.sandbox.products.plain,
        external_url: 'http://127.0.0.1:1/webhooks',
        jwt_secret: 'secret-of-the-webhook',
        active: true,
        http_method: 'POST',
      });
      await vendor('GET', path);
      await vendor('GET', `${path}/${created.id}`);
      await vendor('PUT', `${path}/${created.id}`, { label: 'rounds again' });
      await vendor('POST', `${path}/${created.id}/trigger`, {});
      await vendor('DELETE', `${path}/${created.id}`);
    });

    test('and no collection was left out', () => {
      const implemented = new Set<string>();
      const app = createServer();
      app.addHook('onRoute', ({ method, url }) => {
        if (method !== 'HEAD') implemented.add(`${String(method)} ${url.replace(/:\w+/g, '{}')}`);
      });
      connectRoutes(app, new Store());
      expect([...seen].sort()).toEqual([...implemented].sort());
    });
  });
}
