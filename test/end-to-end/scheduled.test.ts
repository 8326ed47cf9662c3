import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { waitFor } from '../support/wait-for';
import { useStack } from './use-stack';

const VENDOR = path.join(__dirname, 'fixtures/scheduling-vendor.cjs');
const WITHOUT_ADJUSTMENT = path.join(__dirname, 'fixtures/trouble-vendor.cjs');
const processor = useStack({ worker: ['--vendor', VENDOR], settings: { FULL_SWEEP_INTERVAL: '2s', PARKED_FOR: '1h' } });
const concurrently = test.concurrent;

const purchase = (kind: string) => processor.control.placePurchase({ admin_email: `${kind}@example.com` });
const statusesOf = async (id: string) => (await processor.control.timeline(id)).map(({ to }) => to);
const subscriptionId = async (id: string) => {
  const { body } = await processor.control.connect('GET', `/requests/${id}`);
  const { asset } = body as { asset: { params: { id: string; value: string }[] } };
  return asset.params.find((param) => param.id === 'subscription_id')?.value;
};

concurrently(
  'a request that the vendor schedules goes on when Connect makes it pending again',
  async () => {
    const { id } = await purchase('soon');
    expect(await processor.control.untilSettled(id)).toBe('approved');
    expect(await statusesOf(id)).toEqual(['pending', 'scheduled', 'pending', 'approved']);
    const runs = await processor.run(['requests', 'show', id]);
    expect(runs.stdout).toContain('scheduled');
  },
  60_000,
);

concurrently(
  'one that is revoked meanwhile is confirmed, after the vendor has undone what was prepared',
  async () => {
    const { id } = await purchase('later');
    await processor.control.untilSettled(id, { statuses: ['scheduled'] });
    await processor.control.connect('POST', `/requests/${id}/revoke`, {
      as: 'distributor',
      body: { reason: 'not wanted' },
    });
    expect(await processor.control.untilSettled(id)).toBe('revoked');
    expect(await statusesOf(id)).toEqual(['pending', 'scheduled', 'revoking', 'revoked']);
    expect(await processor.runOf(id).result()).toEqual({ outcome: 'revoked' });
  },
  60_000,
);

const PLANNED = '2099-03-01T00:00:00+00:00';
const planned = async (type: string, planned_date = PLANNED) => {
  const { asset } = await processor.control.seedSubscription({});
  const order = { as: 'distributor', body: { type, asset: { id: asset }, planned_date } } as const;
  return { asset, id: ((await processor.control.connect('POST', '/requests', order)).body as { id: string }).id };
};

concurrently(
  'one that is revoked while its run waits is confirmed within a full sweep',
  async () => {
    const { id } = await purchase('slow');
    const waits = async () => (await processor.run(['requests', 'show', id])).stdout.includes('vendor asked to wait');
    await waitFor('its run to wait', waits);
    await processor.control.force(id, { status: 'scheduled' });
    await processor.control.force(id, { status: 'revoking' });
    expect(await processor.control.untilSettled(id)).toBe('revoked');
    expect(await processor.runOf(id).result()).toEqual({ outcome: 'revoked' });
  },
  60_000,
);

concurrently(
  'an order that the distributor places for a later date is put off until then, and nothing is done before',
  async () => {
    const { id, asset } = await planned('cancel');
    await processor.control.untilSettled(id, { statuses: ['scheduled'] });
    expect(await processor.runOf(id).result()).toEqual({ outcome: 'scheduled' });
    expect((await processor.control.connect('GET', `/assets/${asset}`)).body).toMatchObject({ status: 'terminating' });
    const shown = await processor.run(['requests', 'show', id]);
    expect(shown.stdout).toContain('planned for   2099-03-01T00:00:00.000Z');
    await processor.control.force(id, { status: 'pending' });
    await processor.control.untilSettled(id, { statuses: ['scheduled'] });
    expect(await statusesOf(id)).not.toContain('approved');
  },
  60_000,
);

concurrently(
  'one that Connect does not put back at its date is named: by the rounds, the list and doctor',
  async () => {
    const { asset } = await processor.control.seedSubscription({});
    const planned_date = '2026-03-01T00:00:00+00:00';
    const draft = { type: 'cancel', status: 'draft', asset: { id: asset }, planned_date };
    const { body } = await processor.control.connect('POST', '/requests', { as: 'distributor', body: draft });
    const { id } = body as { id: string };
    await processor.control.force(id, { status: 'scheduled' });

    const list = async (...options: string[]) =>
      await processor.run(['--vendor', VENDOR, 'requests', 'list', '--overdue', ...options]);
    const since = '2026-03-01T00:00:00.000Z';
    const todo = expect.stringContaining('puts it back to pending in the Connect portal');
    expect(JSON.parse((await list('--json')).stdout)).toEqual([
      expect.objectContaining({ id, type: 'cancel', since, todo }),
    ]);
    expect((await list()).stdout).toMatch(new RegExp(`^ID .*SINCE +TODO\n${id} +cancel`));
    expect((await processor.run(['--vendor', VENDOR, 'doctor'])).stdout).toContain(`overdue since ${since}`);
    const shown = async () => (await processor.run(['schedules', 'show'])).stdout;
    await waitFor('a full sweep that counts it', async () => (await shown()).includes(' 1 overdue'));

    await processor.control.force(id, { status: 'pending' });
    expect(await processor.control.untilSettled(id)).toBe('approved');
    expect((await list()).stdout).toBe('none\n');
  },
  60_000,
);

concurrently(
  'one that Connect refuses to put off is parked, in sight',
  async () => {
    const never = '2098-01-01T00:00:00+00:00';
    const refused = { method: 'POST', path: '/requests/*/schedule', containing: never.slice(0, 10), status: 400 };
    await processor.control.fault({ api: 'connect', ...refused, error_code: 'REQ_003', errors: ['Not this type.'] });
    const { id } = await planned('cancel', never);
    const { reason } = await processor.untilPhase(id, 'parked');
    expect(reason).toContain('/schedule answered 400 REQ_003 Not this type.');
    expect(await statusesOf(id)).toEqual(['pending']);
  },
  60_000,
);

concurrently(
  'a handler is told how often it has asked to wait',
  async () => {
    const { id } = await purchase('patient');
    expect(await processor.control.untilSettled(id)).toBe('approved');
    expect(await subscriptionId(id)).toBe('patient 2');
  },
  60_000,
);

concurrently.each(['renew', 'transfer'])(
  '%s has its handler',
  async (type) => {
    const { request, asset } = await processor.control.seedSubscription({});
    expect(request).toMatch(/^PR-/);
    const order = await processor.control.placeOrder({ type: 'change', asset, quantity: 3, draft: true });
    await processor.control.force(order.id, { type, status: 'pending' });
    expect(await processor.control.untilSettled(order.id)).toBe('approved');
  },
  60_000,
);

concurrently(
  'an adjustment that the vendor asks for is asked for once, and processed like any request',
  async () => {
    const { asset } = await processor.control.seedSubscription({});
    await processor.control.fault({ api: 'connect', method: 'POST', path: '/requests', times: 1, reset: 'after' });
    const adjust = (...options: string[]) =>
      processor.run(['--vendor', VENDOR, 'requests', 'adjust', asset, 'subscription_id=corrected = so', ...options]);
    expect((await adjust('--json')).code).toBe(3); // its answer was lost
    const repeated = await adjust('--json');
    expect([repeated.code, JSON.parse(repeated.stdout)]).toMatchObject([0, { created: false }]);
    const ofAsset = (await processor.control.state()).requests.filter((request) => request.asset.id === asset);
    const adjustments = ofAsset.filter(({ type }) => type === 'adjustment');
    expect(adjustments).toHaveLength(1);
    const { id } = adjustments[0]!;
    expect(await processor.control.untilSettled(id)).toBe('approved');
    expect(await subscriptionId(id)).toBe('corrected = so');
    expect((await adjust()).stdout).toContain('nothing to correct');
  },
  60_000,
);

concurrently(
  'an adjustment that nobody would handle is not asked for, and who changes that is said',
  async () => {
    const { asset } = await processor.control.seedSubscription({});
    const { plain: product, tiered: other } = processor.stack.sandbox.products;
    const file = path.join(processor.stack.folder, 'no-adjustment.json');
    writeFileSync(file, JSON.stringify({ selection: { products: { [product]: { types: { adjustment: false } } } } }));
    const adjust = ['requests', 'adjust', asset, 'subscription_id=T-7'];
    const ours = ['--vendor', VENDOR, ...adjust];
    const refused: [args: string[], settings: Record<string, string>, why: string][] = [
      [
        ['--vendor', WITHOUT_ADJUSTMENT, ...adjust],
        {},
        `The vendor of ${product} has no handler \`adjustment\`: its developer writes one`,
      ],
      [ours, { CONNECT_PRODUCTS: other }, `CONNECT_PRODUCTS does not list ${product}: an operator of the deployment`],
      [['--config', file, ...ours], {}, `adjustment of ${product} is switched off: an operator selects it`],
      [ours, { CONNECT_MARKETPLACES_ALLOWED: 'MP-99999' }, 'is not allowed: an operator selects it'],
      [ours, { CONNECT_ENVIRONMENTS: 'preview' }, 'the connection type production is not processed: an operator'],
      [ours, { CONNECT_CONTRACTS_ALLOWED: 'CRD-9' }, 'is not allowed: an operator selects it'],
    ];
    for (const [args, settings, why] of refused) {
      const { code, stdout, stderr } = await processor.run(args, settings);
      expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining(why)]);
      expect(stderr).toMatch(new RegExp(`^Nothing was created: nobody would handle an adjustment of ${asset}, `));
    }
    const { requests } = await processor.control.state();
    expect(requests.filter((request) => request.asset.id === asset).map(({ type }) => type)).toEqual(['purchase']);
    const cancel = await processor.control.placeOrder({ type: 'cancel', asset });
    expect(cancel.id).toMatch(/^PR-/);
  },
  60_000,
);

concurrently(
  'requests adjust says what is wrong with what it is given',
  async () => {
    expect(await processor.run(['requests', 'adjust', 'PR-1', 'a=b'])).toMatchObject({ code: 2 });
    expect(await processor.run(['requests', 'adjust', 'AS-1', 'a'])).toMatchObject({ code: 2 });
    const unknown = await processor.run(['requests', 'adjust', 'AS-0000-0000-0000', 'a=b']);
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('AS-0000-0000-0000')]);

    const { asset } = await processor.control.seedSubscription({});
    for (const [param, why] of [
      ['subscription=T-7', `${asset} has no parameter "subscription". Its fulfillment parameters: subscription_id, `],
      ['admin_email=a@b.example', '"admin_email" is of the phase ordering'],
      ['subscription_id=', '"subscription_id" is required'],
    ] as const) {
      const { code, stderr } = await processor.run(['--vendor', VENDOR, 'requests', 'adjust', asset, param]);
      expect([code, stderr]).toEqual([1, expect.stringMatching(`^Nothing was created: .*${why}`)]);
    }
  },
  60_000,
);

concurrently(
  'a run whose request somebody else ends in Connect comes to its end within a full sweep',
  async () => {
    const { id } = await processor.control.placePurchase({
      admin_email: 'nobody@example.com',
      product: processor.stack.sandbox.products.plain,
    });
    await processor.control.untilSettled(id);
    const templates = await processor.control.connect(
      'GET',
      `/products/${processor.stack.sandbox.products.faulty}/templates`,
    );
    for (const { id: template } of templates.body as { id: string }[]) {
      await processor.control.removeTemplate(processor.stack.sandbox.products.faulty, template);
    }
    const parked = await processor.control.placePurchase({ product: processor.stack.sandbox.products.faulty });
    await processor.untilPhase(parked.id, 'parked');
    await processor.control.force(parked.id, { status: 'failed' });
    await waitFor('the run', async () => (await processor.runOf(parked.id).status()) === 'COMPLETED');
    expect(await processor.runOf(parked.id).result()).toMatchObject({ outcome: 'noop', status: 'failed' });
  },
  60_000,
);
