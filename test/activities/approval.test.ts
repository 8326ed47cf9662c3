import { expect, test } from '@jest/globals';
import { approve, type ApproveOptions, schedule, type Vendor } from '../../src/sdk';
import { shown } from './shown';
import { useActivities } from './start';

const { box, activities, run, failureOf } = useActivities();

const TILE = '# Welcome, {{ admin_email }}';
const DATES = { effectiveDate: '2027-01-01T00:00:00Z', nextBillingDate: '2027-02-01T00:00:00Z' };
const saying = (options: ApproveOptions): Vendor => ({
  purchase: { find: async () => undefined, create: async () => approve({ subscription_id: 'S-1' }, options) },
  tierConfig: async () => approve({ reseller_id: 'R-1' }, options),
});

test('an approval goes out with its dates and its own text, in one call', async () => {
  const { id, asset } = await box.control.placePurchase({ admin_email: 'ada@example.com' });
  const all = activities({ vendor: saying({ ...DATES, activationTile: TILE }) });
  const answer = await run(all, 'askVendor', [id]);
  if (answer.kind !== 'approve') throw new Error(answer.kind);
  expect(answer).toMatchObject({ approval: { ...DATES, activationTile: TILE } });
  await run(all, 'saveParams', [id, answer.params]);
  await run(all, 'approveRequest', [id, answer.templateId, { again: false, ...answer.approval }]);

  const { body } = await box.vendor('GET', `/requests/${id}`);
  expect(body).toMatchObject({
    status: 'approved',
    effective_date: DATES.effectiveDate,
    activation_key: '# Welcome, ada@example.com',
    template: null,
  });
  const { body: subscription } = await box.vendor('GET', `/subscriptions/assets/${asset.id}`);
  expect(subscription.billing).toEqual({ next_date: DATES.nextBillingDate });
  expect(await box.control.effects(id, 'approve')).toBe(1);
});

test('a date that is none parks the request, and names the handler', async () => {
  const { id } = await box.control.placePurchase();
  const failure = await failureOf(activities({ vendor: saying({ effectiveDate: 'soon' }) }), 'askVendor', [id]);
  expect(shown(failure)).toMatchObject({ type: 'VendorContract', final: true });
  expect(failure.message).toMatch(/"purchase" does not keep its contract: effectiveDate must be a Date/);
});

test('a tier config request that is to be scheduled parks, since it cannot be', async () => {
  await box.control.placePurchase({ product: box.sandbox.products.tiered });
  const { id } = (await box.control.state()).tierConfigRequests.find(({ level }) => level === 2)!;
  const vendor = { tierConfig: async () => schedule(new Date(Date.now() + 60_000), { reseller_id: 'R-1' }) };
  const refusal = await failureOf(activities({ vendor }), 'askVendorForTierConfig', [id]);
  expect(shown(refusal)).toMatchObject({ type: 'VendorContract', final: true });
  expect(refusal.message).toBe(
    'The vendor\'s handler "tierConfig" answered schedule: a tier config request cannot be scheduled.',
  );
});

test('a tier config request takes an effective date, and nothing of a subscription', async () => {
  await box.control.placePurchase({ product: box.sandbox.products.tiered });
  const { id } = (await box.control.state()).tierConfigRequests.find(({ level }) => level === 2)!;
  const refusal = await failureOf(activities({ vendor: saying(DATES) }), 'askVendorForTierConfig', [id]);
  expect(refusal.message).toMatch(/"tierConfig" .* no activationTile and no nextBillingDate/);

  const { effectiveDate } = DATES;
  const all = activities({ vendor: saying({ effectiveDate }) });
  const answer = await run(all, 'askVendorForTierConfig', [id]);
  if (answer.kind !== 'approve') throw new Error(answer.kind);
  await run(all, 'saveTierParams', [id, answer.params]);
  await run(all, 'approveTierConfigRequest', [id, answer.templateId, { again: false, ...answer.approval }]);
  const { body } = await box.vendor('GET', `/tier/config-requests/${id}`);
  expect(body).toMatchObject({ status: 'approved' });
  expect(JSON.stringify(body)).toContain(effectiveDate);
});
