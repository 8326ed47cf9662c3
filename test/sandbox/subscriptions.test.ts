import { describe, expect, test } from '@jest/globals';
import { useSandbox } from './start';

const box = useSandbox();

const params = (values: object[]) => ({ asset: { params: values } });
const seats = (body: { asset: { items: { mpn: string }[] } }) => body.asset.items.find(({ mpn }) => mpn === 'SEAT');

describe('an active subscription', () => {
  test('is changed: old and new quantity in the request, the asset follows at approval', async () => {
    const { asset } = await box.control.seedSubscription({ quantity: 5 });
    const { id } = await box.control.placeOrder({ type: 'change', asset, quantity: 7 });
    expect(seats((await box.vendor('GET', `/requests/${id}`)).body)).toMatchObject({
      old_quantity: '5',
      quantity: '7',
    });
    expect((await box.vendor('GET', `/assets/${asset}`)).body.items[0].quantity).toBe('5');
    expect((await box.approve(id)).body.previous_approved_request.id).toMatch(/-001$/);
    expect((await box.vendor('GET', `/assets/${asset}`)).body.items[0].quantity).toBe('7');
  });

  test('keeps what it had where a change is failed', async () => {
    const { asset, tenantId } = await box.control.seedSubscription({ quantity: 5 });
    const { id } = await box.control.placeOrder({ type: 'change', asset, quantity: 7 });
    await box.vendor('PUT', `/requests/${id}`, params([{ id: 'subscription_id', value: 'other' }]));
    await box.vendor('POST', `/requests/${id}/fail`, { reason: 'no' });
    const { body } = await box.vendor('GET', `/assets/${asset}`);
    expect(body).toMatchObject({
      status: 'active',
      items: [{ quantity: '5' }, {}, {}],
      params: [{}, { value: tenantId }, {}],
    });
  });

  test('is suspended, resumed and cancelled', async () => {
    const { asset } = await box.control.seedSubscription();
    const status = async () => (await box.vendor('GET', `/assets/${asset}`)).body.status;
    const through = async (type: string) => box.approve((await box.control.placeOrder({ type, asset })).id);

    await through('suspend');
    expect(await status()).toBe('suspended');
    await through('resume');
    expect(await status()).toBe('active');
    const cancel = await box.control.placeOrder({ type: 'cancel', asset });
    expect(await status()).toBe('terminating');
    await box.approve(cancel.id);
    expect(await status()).toBe('terminated');
    expect(
      (await box.vendor('GET', `/assets/${asset}/requests`)).body.map(({ type }: { type: string }) => type),
    ).toEqual(['purchase', 'suspend', 'resume', 'cancel']);
  });

  test.each(['active', 'suspended'] as const)('that was %s is so again after a failed cancel', async (status) => {
    const { asset } = await box.control.seedSubscription({ status });
    const { id } = await box.control.placeOrder({ type: 'cancel', asset });
    const { body } = await box.vendor('POST', `/requests/${id}/fail`, { reason: 'stay' });
    expect(body.asset.status).toBe(status);
  });

  test('refuses a change that changes nothing', async () => {
    const { asset } = await box.control.seedSubscription({ quantity: 5 });
    await expect(box.control.placeOrder({ type: 'change', asset, quantity: 5 })).rejects.toMatchObject({
      status: 400,
      body: { errors: ['asset.items: Item quantities are not changed.'] },
    });
  });

  test('takes one open request at a time', async () => {
    const { asset } = await box.control.seedSubscription();
    const { id } = await box.control.placeOrder({ type: 'change', asset });
    await expect(box.control.placeOrder({ type: 'suspend', asset })).rejects.toMatchObject({
      status: 409,
      body: { params: { request_id: id, request_status: 'pending', asset_status: 'active' } },
    });
  });

  test('takes an adjustment of the vendor beside a change, and keeps what each of them altered', async () => {
    const { asset } = await box.control.seedSubscription({ quantity: 5 });
    const change = await box.control.placeOrder({ type: 'change', asset, quantity: 9 });
    const adjustment = await box.control.placeOrder({ type: 'adjustment', asset, params: { subscription_id: 'S-2' } });
    await expect(box.control.placeOrder({ type: 'adjustment', asset })).rejects.toMatchObject({ status: 409 });

    const template_id = await box.activationTemplate(box.sandbox.products.plain);
    for (const { id } of [adjustment, change]) await box.vendor('POST', `/requests/${id}/approve`, { template_id });
    const { body } = await box.vendor('GET', `/assets/${asset}`);
    expect([body.items[0].quantity, body.params[1].value]).toEqual(['9', 'S-2']);
  });

  test('takes an adjustment that empties a required ordering parameter, and asks the customer', async () => {
    const { asset } = await box.control.seedSubscription();
    const params = [{ id: 'admin_email', value: '' }];
    const { status, body } = await box.vendor('POST', '/requests', {
      type: 'adjustment',
      asset: { id: asset, params },
    });
    expect([status, body.status]).toEqual([201, 'inquiring']);
    await box.control.answer(body.id, { admin_email: 'ada@b.example' });
    const template_id = await box.activationTemplate(box.sandbox.products.plain);
    expect((await box.vendor('POST', `/requests/${body.id}/approve`, { template_id })).status).toBe(200);
    expect((await box.control.placeOrder({ type: 'cancel', asset })).status).toBe('pending');
  });

  test('refuses the draft of an adjustment, and keeps nothing of it', async () => {
    const { asset } = await box.control.seedSubscription();
    await expect(box.control.placeOrder({ type: 'adjustment', asset, draft: true })).rejects.toMatchObject({
      status: 400,
      body: { errors: ['status: An adjustment is never a draft.'] },
    });
    expect((await box.control.counts()).requests).toEqual({ approved: 1 });
  });

  test.each([
    ['change', 'suspended'],
    ['suspend', 'suspended'],
    ['resume', 'active'],
  ] as const)('refuses %s while %s', async (type, status) => {
    const { asset } = await box.control.seedSubscription({ status });
    await expect(box.control.placeOrder({ type, asset })).rejects.toMatchObject({
      status: 409,
      body: { errors: [`Request type ${type} is not allowed when asset state is ${status}`] },
    });
  });
});

describe('a planned request', () => {
  test('is pending again when its date has come', async () => {
    const { id } = await box.control.placePurchase();
    expect((await box.vendor('POST', `/requests/${id}/schedule`, {})).body.error_code).toBe('REQ_005');
    const planned_date = new Date(Date.now() + 60).toISOString();
    expect((await box.vendor('POST', `/requests/${id}/schedule`, { planned_date })).body.status).toBe('scheduled');
    expect(await box.control.untilSettled(id, { statuses: ['pending'] })).toBe('pending');
  });

  test('is revoked by the distributor and confirmed by the vendor', async () => {
    const { id } = await box.control.placePurchase();
    await box.vendor('POST', `/requests/${id}/schedule`, { planned_date: '2099-01-01T00:00:00+00:00' });
    expect((await box.distributor('POST', `/requests/${id}/revoke`, { reason: 'mind' })).body.status).toBe('revoking');
    const { body } = await box.vendor('POST', `/requests/${id}/confirm`);
    expect(body).toMatchObject({ status: 'revoked', asset: { status: 'terminated' } });
  });
});
