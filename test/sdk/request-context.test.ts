import { expect, test } from '@jest/globals';
import { testRequest, testTierRequest } from '../../src/sdk';

const items = [
  { mpn: 'SEAT', old_quantity: 5, quantity: 7 },
  { mpn: 'DISK', quantity: 0 },
  { mpn: 'MAIL', old_quantity: 'unlimited', quantity: 'unlimited' },
];

test('a handler reads parameters by their id, of whatever phase', () => {
  const phone = { country_code: '+34' };
  const params = { email: 'ada@x.example', phone: { type: 'phone', phase: 'fulfillment', structured_value: phone } };
  const request = testRequest({ params });
  expect(request.param('email')).toBe('ada@x.example');
  expect(request.structuredParam('phone')).toEqual(phone);
  expect([request.param('phone'), request.structuredParam('email')]).toEqual(['', {}]);
  expect(request.params.map(({ id, phase }) => [id, phase])).toEqual([
    ['email', 'ordering'],
    ['phone', 'fulfillment'],
  ]);
});

test('a parameter that is not there is a fault, not an empty value', () => {
  const request = testRequest({ params: { email: '' } });
  expect(request.param('email')).toBe('');
  for (const read of [request.param, request.structuredParam, testTierRequest().param]) {
    expect(() => read('e-mail')).toThrow('The request has no parameter "e-mail"');
  }
});

test('a handler reads quantities as numbers, and what changes', () => {
  const request = testRequest({ type: 'change', items });
  expect(['SEAT', 'DISK', 'MAIL', 'NONE'].map((mpn) => request.quantity(mpn))).toEqual([7, 0, Infinity, 0]);
  expect(request.changes).toEqual({
    added: [],
    removed: [],
    altered: [{ item: expect.objectContaining({ mpn: 'SEAT' }), from: 5, to: 7 }],
  });
  expect(request.changes).toBe(request.changes);
});

test('a quantity that cannot be read is no matter to a handler that does not ask for it', () => {
  const odd = { mpn: 'DISK', id: 'PRD_1_0002', quantity: 'a dozen' };
  const request = testRequest({ type: 'change', items: [{ mpn: 'SEAT', quantity: 7 }, odd] });
  expect(request.quantity('SEAT')).toBe(7);
  for (const read of [() => request.quantity('DISK'), () => request.changes]) {
    expect(read).toThrow('Item "DISK" (PRD_1_0002) has the quantity "a dozen". Connect sends a decimal number');
  }
});

test('the key that makes a repeated call harmless is the id of the request', () => {
  for (const request of [testRequest({ id: 'PR-1' }), testTierRequest({ id: 'PR-1' })]) {
    expect([request.id, request.idempotencyKey]).toEqual(['PR-1', 'PR-1']);
  }
});

test('invented requests differ from each other, and look like those of Connect', () => {
  const [one, two] = [testRequest(), testRequest()];
  expect(one.id).toMatch(/^PR-\d{4}-\d{4}-\d{4}-\d{3}$/);
  expect(one.asset.id).toMatch(/^AS-\d{4}-\d{4}-\d{4}$/);
  expect([one.id, one.asset.id]).not.toEqual([two.id, two.asset.id]);
  expect(one).toMatchObject({ type: 'purchase', product: { id: 'PRD-900-000-001' } });
  expect(one.tiers.customer?.contact_info?.contact?.email).toBe('ada@customer.example');
  expect(one.tiers.tier2).toBeUndefined();
  expect(testTierRequest()).toMatchObject({ type: 'setup', level: 1, id: expect.stringMatching(/^TCR-/) });
});

test('an invented request has what it was told', async () => {
  const controller = new AbortController();
  const said: string[] = [];
  const log = { debug: () => {}, info: (message: string) => void said.push(message), warn: () => {}, error: () => {} };
  const request = testRequest({
    type: 'cancel',
    asset: 'AS-1',
    product: 'PRD-1',
    signal: controller.signal,
    log,
    tiers: { customer: { name: 'Ada' }, tier2: { id: 'TA-2' } },
    tierParams: { tier1: { reseller_id: 'R-1' } },
  });
  request.log.info('hello');
  controller.abort();
  expect(request).toMatchObject({ type: 'cancel', asset: { id: 'AS-1', status: 'active' }, product: { id: 'PRD-1' } });
  expect([request.tiers.customer?.name, request.tiers.tier2?.id, said]).toEqual(['Ada', 'TA-2', ['hello']]);
  expect(request.signal.aborted).toBe(true);
  expect((await request.tierParams(1)).map(({ id, value }) => [id, value])).toEqual([['reseller_id', 'R-1']]);
  expect(await request.tierParams(2)).toEqual([]);

  const tier = testTierRequest({ level: 2, account: 'TA-9', params: { reseller_id: '' } });
  expect(tier).toMatchObject({ level: 2, account: { id: 'TA-9' }, configuration: { tier_level: 2 } });
  expect(tier.tiers.tier2?.id).toBe('TA-9');
});
