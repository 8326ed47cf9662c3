import { describe, expect, test } from '@jest/globals';
import { useSandbox } from './start';

const box = useSandbox();

const params = (values: object[]) => ({ asset: { params: values } });

describe('a purchase', () => {
  test('is approved once: the template is rendered, the asset active, a repeat refused', async () => {
    const { id, asset } = await box.control.placePurchase({ admin_email: 'ada@customer.example' });
    expect((await box.vendor('GET', `/assets/${asset.id}`)).body.status).toBe('processing');

    const approved = await box.approve(id);
    expect(approved).toMatchObject({ status: 200, body: { status: 'approved', asset: { status: 'active' } } });
    expect(approved.body.activation_key).toContain('S-1');
    expect(approved.body.activation_key).toContain('ada@customer.example');

    const repeat = await box.vendor('POST', `/requests/${id}/approve`, { template_id: approved.body.template.id });
    expect(repeat).toMatchObject({
      status: 400,
      body: { error_code: 'REQ_003', errors: ['Only pending and inquiring requests can be approved.'] },
    });
    expect(await box.control.effects(id, 'approve')).toBe(1);
  });

  test('shows every item of the product, quantities as text, "0" where nothing is bought', async () => {
    const { id } = await box.control.placePurchase({ quantity: 3 });
    const { body } = await box.vendor('GET', `/requests/${id}`);
    expect(
      body.asset.items.map(({ mpn, quantity, old_quantity }: Record<string, string>) => [mpn, old_quantity, quantity]),
    ).toEqual([
      ['SEAT', '0', '3'],
      ['STORAGE', '0', '0'],
      ['TRAFFIC', '0', '0'],
    ]);
  });

  test('is not approved while a required fulfillment parameter is empty', async () => {
    const { id } = await box.control.placePurchase();
    const template_id = await box.activationTemplate(box.sandbox.products.plain);
    const { status, body } = await box.vendor('POST', `/requests/${id}/approve`, { template_id });
    expect([status, body.errors]).toEqual([400, ['asset.params.subscription_id: This field may not be blank.']]);
  });

  test.each([
    [{ template_id: '-' }, 'VAL_001'],
    [{ template_id: 'TL-100-001-004' }, 'VAL_001'],
    [{}, 'REQ_005'],
    [{ activation_tile: 7 }, 'VAL_001'],
    [{ activation_tile: 'Done.', effective_date: 'tomorrow' }, 'VAL_001'],
    [{ activation_tile: 'Done.', asset: { billing: { next_date: 'tomorrow' } } }, 'VAL_001'],
  ])('is not approved with %j', async (body, code) => {
    const { id } = await box.control.placePurchase();
    await box.vendor('PUT', `/requests/${id}`, params([{ id: 'subscription_id', value: 'S-1' }]));
    const answer = await box.vendor('POST', `/requests/${id}/approve`, body);
    expect(answer).toMatchObject({ status: 400, body: { error_code: code } });
  });

  test('is approved with a text of the caller as well', async () => {
    const { id } = await box.control.placePurchase();
    await box.vendor('PUT', `/requests/${id}`, params([{ id: 'subscription_id', value: 'S-9' }]));
    const answer = await box.vendor('POST', `/requests/${id}/approve`, {
      activation_tile: 'It is {{ subscription_id }}.',
    });
    expect(answer.body.activation_key).toBe('It is S-9.');
  });

  test('is approved as of a day, and its subscription billed on another', async () => {
    const { id, asset } = await box.control.placePurchase();
    await box.vendor('PUT', `/requests/${id}`, params([{ id: 'subscription_id', value: 'S-9' }]));
    const [effective_date, next_date] = ['2027-01-01T00:00:00Z', '2027-02-01T00:00:00Z'];
    const body = { activation_tile: 'Done.', effective_date, asset: { billing: { next_date } } };
    expect((await box.vendor('POST', `/requests/${id}/approve`, body)).body.effective_date).toBe(effective_date);
    expect((await box.vendor('GET', `/subscriptions/assets/${asset.id}`)).body.billing).toEqual({ next_date });
  });

  test('is failed with a reason, which ends its asset', async () => {
    const { id } = await box.control.placePurchase();
    const without = await box.vendor('POST', `/requests/${id}/fail`, {});
    expect(without).toMatchObject({ status: 400, body: { error_code: 'REQ_005', errors: ['Missed fields: reason.'] } });

    const { body } = await box.vendor('POST', `/requests/${id}/fail`, { reason: 'No.' });
    expect(body).toMatchObject({ status: 'failed', reason: 'No.', asset: { status: 'terminated' } });
    const repeat = await box.vendor('POST', `/requests/${id}/fail`, { reason: 'No.' });
    expect(repeat.body.errors).toEqual(['Only pending requests can be failed.']);
  });

  test('is inquired when a parameter is marked, answered by the customer, and approved', async () => {
    const { id } = await box.control.placePurchase({ admin_email: 'nobody' });
    const unmarked = await box.vendor('POST', `/requests/${id}/inquire`, {});
    expect(unmarked.body.errors).toEqual([
      'For marking request to inquiring status at least one parameter should be marked as invalid.',
    ]);

    await box.vendor('PUT', `/requests/${id}`, params([{ id: 'admin_email', value_error: 'No address.' }]));
    const { body } = await box.vendor('POST', `/requests/${id}/inquire`, {});
    expect(body).toMatchObject({ status: 'inquiring', answered: false, template: { id: 'TL-100-001-004' } });
    expect(body.params_form_url).toContain(id);
    expect((await box.vendor('POST', `/requests/${id}/fail`, { reason: 'x' })).status).toBe(400);
    expect((await box.vendor('PUT', `/requests/${id}`, { note: 'x' })).body.error_code).toBe('REQ_003');

    await box.control.answer(id, { admin_email: 'ada@customer.example' });
    const answered = (await box.vendor('GET', `/requests/${id}`)).body;
    expect(answered).toMatchObject({ status: 'pending', answered: true });
    expect(answered.asset.params[0]).toMatchObject({ value: 'ada@customer.example', value_error: '' });
    expect((await box.approve(id)).status).toBe(200);
  });

  test('may be approved while the customer is still asked', async () => {
    const { id } = await box.control.placePurchase();
    const wrong = [
      { id: 'admin_email', value_error: 'x' },
      { id: 'subscription_id', value: 'S-1' },
    ];
    await box.vendor('PUT', `/requests/${id}`, params(wrong));
    await box.vendor('POST', `/requests/${id}/inquire`, {});
    const template_id = await box.activationTemplate(box.sandbox.products.plain);
    expect((await box.vendor('POST', `/requests/${id}/approve`, { template_id })).body.status).toBe('approved');
  });

  test('starts as inquiring where a required ordering parameter is missing, and the form answers by its code', async () => {
    const { id, status } = await box.control.placePurchase({ admin_email: '' });
    expect(status).toBe('inquiring');
    const url: string = (await box.vendor('GET', `/requests/${id}`)).body.params_form_url;
    const pend = (form: string) =>
      fetch(form, {
        method: 'POST',
        body: JSON.stringify(params([{ id: 'admin_email', value: 'a@b.example' }])),
        headers: { 'content-type': 'application/json' },
      });
    expect((await pend(url.replace(/code=.*/, 'code=guess'))).status).toBe(401);
    expect(await (await pend(url)).json()).toMatchObject({ status: 'pending' });
  });

  test('stays inquiring while the answer leaves something empty; vendor and distributor may answer too', async () => {
    for (const who of ['vendor', 'distributor'] as const) {
      const { id } = await box.control.placePurchase({ admin_email: '' });
      const pend = (values: object[]) => box[who]('POST', `/requests/${id}/pend`, params(values));
      expect((await pend([])).body.status).toBe('inquiring');
      expect((await pend([{ id: 'admin_email', value: 'a@b.example' }])).body.status).toBe('pending');
    }
  });

  test('starts as a draft where asked, and goes on when bought', async () => {
    const { id, status } = await box.control.placePurchase({ draft: true });
    expect(status).toBe('draft');
    const { body } = await box.distributor('POST', `/requests/${id}/purchase`);
    expect(body).toMatchObject({ status: 'pending', asset: { status: 'processing' } });
    expect((await box.distributor('POST', `/requests/${id}/purchase`)).status).toBe(400);
  });

  test.each([
    ['inquiring', 'plain', ''],
    ['tiers_setup', 'tiered', 'ada@customer.example'],
  ] as const)('that was a draft is %s where it has to wait', async (status, product, admin_email) => {
    const order = { product: box.sandbox.products[product], admin_email, draft: true };
    const { id } = await box.control.placePurchase(order);
    expect((await box.distributor('POST', `/requests/${id}/purchase`)).body.status).toBe(status);
  });

  test.each([
    [{ product: { id: 'PRD-1' } }, /does not exist/],
    [{ items: [] }, /This list may not be empty/],
    [{ items: [{ mpn: 'SEAT', quantity: 'five' }] }, /A valid number is required/],
    [{ items: [{ mpn: 'CHAIR', quantity: 1 }] }, /Item CHAIR does not exist/],
    [{ connection: { id: 'CT-9' } }, /no such connection/],
    [{ params: [{ id: 'shoe_size', value: '43' }] }, /shoe_size does not exist/],
  ])('is refused with %j', async (wrong, message) => {
    const asset = { product: { id: box.sandbox.products.plain }, items: [{ mpn: 'SEAT', quantity: 1 }], ...wrong };
    const { status, body } = await box.distributor('POST', '/requests', { type: 'purchase', asset });
    expect([status, body.errors[0]]).toEqual([400, expect.stringMatching(message)]);
  });

  test('sent twice under one external_uid is a conflict that names the first', async () => {
    const order = {
      type: 'purchase',
      asset: {
        product: { id: box.sandbox.products.plain },
        external_uid: 'order-77',
        items: [{ id: 'PRD_100_000_001_0001', quantity: '2' }],
        params: [{ id: 'admin_email', value: 'a@b.example' }],
      },
    };
    const first = await box.distributor('POST', '/requests', order);
    expect(first.status).toBe(201);
    const second = await box.distributor('POST', '/requests', order);
    expect([second.status, second.body.params]).toMatchObject([
      409,
      { request_id: first.body.id, request_status: 'pending', asset_status: 'processing', fail_message: '' },
    ]);
  });
});

describe('saving', () => {
  test('writes only what is sent, clears errors, and bumps updated', async () => {
    const { id } = await box.control.placePurchase();
    await box.vendor('PUT', `/requests/${id}`, params([{ id: 'admin_email', value_error: 'old' }]));
    const { body } = await box.vendor('PUT', `/requests/${id}`, params([{ id: 'subscription_id', value: 'S-1' }]));
    expect(body.asset.params).toMatchObject([{ value_error: 'old' }, { value: 'S-1' }, { value: '' }]);
    await box.vendor('PUT', `/requests/${id}`, params([{ id: 'admin_email', value_error: '' }]));
    expect((await box.vendor('GET', `/requests/${id}`)).body.asset.params[0].value_error).toBe('');
  });

  test.each([
    [[{ id: 'nobody', value: 'x' }], /nobody does not exist/],
    [[{ id: 'subscription_id', value: 'x'.repeat(2049) }], /no more than 2048/],
    [[{ id: 'subscription_id', value: 7 }], /Not a valid string/],
    [[{ value: 'x' }], /id: This field is required/],
    ['x', /Expected a list/],
  ])('writes nothing where one of the parameters is wrong (%#)', async (wrong, message) => {
    const { id } = await box.control.placePurchase();
    const values = Array.isArray(wrong) ? [{ id: 'subscription_id', value: 'S' }, ...wrong] : wrong;
    const { status, body } = await box.vendor('PUT', `/requests/${id}`, { asset: { params: values } });
    expect([status, body.errors[0]]).toEqual([400, expect.stringMatching(message)]);
    expect(await box.control.effects(id, 'save')).toBe(0);
  });

  test('takes a password, which the vendor reads back', async () => {
    const { id } = await box.control.placePurchase();
    const { body } = await box.vendor('PUT', `/requests/${id}`, params([{ id: 'admin_password', value: 'geheim' }]));
    expect(body.asset.params[2]).toMatchObject({ type: 'password', value: 'geheim' });
  });
});

test('keeps the two accounts apart', async () => {
  const { id, asset } = await box.control.placePurchase();
  const purchase = { type: 'purchase', asset: { product: { id: box.sandbox.products.plain } } };
  expect((await box.vendor('POST', '/requests', purchase)).status).toBe(403);
  expect((await box.distributor('POST', '/requests', { type: 'adjustment', asset })).status).toBe(403);
  for (const action of ['approve', 'fail', 'inquire', 'schedule']) {
    expect([action, (await box.distributor('POST', `/requests/${id}/${action}`, {})).status]).toEqual([action, 403]);
  }
  expect((await box.vendor('POST', `/requests/${id}/revoke`, { reason: 'x' })).status).toBe(403);

  const wrong = await fetch(`${box.sandbox.connectUrl}/requests`, { headers: { authorization: 'ApiKey SU-1:wrong' } });
  expect([wrong.status, await wrong.json()]).toEqual([
    401,
    { error_code: 'AUTH_001', errors: ['API request is unauthorized.'] },
  ]);
});

test('a conversation belongs to every request and takes messages', async () => {
  const { id } = await box.control.placePurchase();
  const { body, range } = await box.vendor('GET', `/conversations?instance_id=${id}&limit=1&offset=0`);
  expect(range).toBe('items 0-0/1');
  const path = `/conversations/${body[0].id}/messages`;
  expect((await box.vendor('POST', path, {})).status).toBe(400);
  expect(await box.vendor('POST', path, { text: 'Looking into it.' })).toMatchObject({
    status: 201,
    body: { text: 'Looking into it.', type: 'message', account: { id: 'VA-000-001' } },
  });
  expect((await box.distributor('GET', path)).body).toHaveLength(1);
});

test('is assigned and unassigned, rendered and validated', async () => {
  const { id } = await box.control.placePurchase();
  expect((await box.vendor('POST', `/requests/${id}/assign`, {})).status).toBe(400);
  expect((await box.vendor('POST', `/requests/${id}/assign`, { email: 'o@v.example' })).body.assignee.email).toBe(
    'o@v.example',
  );
  expect(await box.ids('/requests?eq(assignee.email,o@v.example)')).toEqual([id]);
  expect((await box.vendor('POST', `/requests/${id}/unassign`)).body.assignee).toBeNull();
  const { body } = await box.vendor('POST', `/requests/${id}/validate`, params([{ id: 'admin_email', value: '' }]));
  expect(body.asset.params[0].value_error).toBe('This field is required.');
  await box.approve(id);
  const rendered = await box.vendor('GET', `/requests/${id}/render`);
  expect([rendered.headers.get('content-type'), rendered.body]).toEqual([
    expect.stringContaining('text/markdown'),
    expect.stringContaining('S-1'),
  ]);
});
