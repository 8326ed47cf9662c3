import { expect, test } from '@jest/globals';
import { basisOf, isStillOrdered, type Ordered } from '../../activities/basis';
import { Parameter } from '../../src/connect/parameter';

const param = (id: string, more: object) => Parameter.parse({ id, phase: 'ordering', type: 'text', ...more });
const order = (
  given: { email?: string; seats?: string; password?: string; phone?: object; made?: string } = {},
): Ordered => ({
  items: [{ id: 'PRD-1-0001', quantity: given.seats ?? '5' }],
  params: [
    param('email', { value: given.email ?? 'ada@customer.example' }),
    param('phone', { type: 'phone', structured_value: given.phone ?? { country_code: '+34', area_code: '687' } }),
    param('password', { type: 'password', value: given.password ?? '' }),
    param('subscription_id', { phase: 'fulfillment', value: given.made ?? '' }),
  ],
});

test.each([
  ['a value', order({ email: 'grace@customer.example' })],
  ['a structure', order({ phone: { country_code: '+34', area_code: '688' } })],
  ['a quantity', order({ seats: '7' })],
])('another order is known by %s', (_, other) => {
  expect(isStillOrdered(other, basisOf(order(), []))).toBe(false);
});

test.each([
  ['nothing', order()],
  ['a password, which leaves nothing in history', order({ password: 'hunter2' })],
  ['what the vendor fills in', order({ made: 'T-1' })],
  ['the order of keys', order({ phone: { area_code: '687', country_code: '+34' } })],
])('an order that differs by %s is the same', (_, other) => {
  expect(isStillOrdered(other, basisOf(order(), []))).toBe(true);
});

test('what the decision itself sets is the same before it is saved and after, and not where the customer has set it anew', () => {
  const basis = basisOf(order({ email: 'ADA@customer.example' }), [{ id: 'email', value: 'ada@customer.example' }]);
  const still = (email: string) => isStillOrdered(order({ email }), basis);
  expect(['ADA@customer.example', 'ada@customer.example', 'grace@customer.example'].map(still)).toEqual([
    true,
    true,
    false,
  ]);
});

test('one that was decided before there was a basis is taken for the same', () => {
  expect(isStillOrdered(order(), undefined)).toBe(true);
});
