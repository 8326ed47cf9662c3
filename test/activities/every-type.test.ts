import { describe, expect, test } from '@jest/globals';
import { approve, fail, type Outcome, type Vendor } from '../../src/sdk';
import { useActivities } from './start';

const { box, activities, run } = useActivities();

/** A vendor who answers every type alike. */
function answering(outcome: Outcome): Vendor {
  const handler = async () => outcome;
  return {
    purchase: { find: async () => undefined, create: handler },
    change: handler,
    suspend: handler,
    resume: handler,
    cancel: handler,
    adjustment: handler,
    renew: handler,
    transfer: handler,
    tierConfig: handler,
  };
}

/** Each type: how its subscription stands before it is ordered, and after each end. */
const TYPES = [
  ['purchase', '', { approved: 'active', failed: 'terminated' }],
  ['change', 'active', { approved: 'active', failed: 'active' }],
  ['suspend', 'active', { approved: 'suspended', failed: 'active' }],
  ['resume', 'suspended', { approved: 'active', failed: 'suspended' }],
  ['cancel', 'active', { approved: 'terminated', failed: 'active' }],
  ['cancel', 'suspended', { approved: 'terminated', failed: 'suspended' }],
  ['adjustment', 'active', { approved: 'active', failed: 'active' }],
  ['renew', 'active', { approved: 'active', failed: 'active' }],
  ['transfer', 'active', { approved: 'active', failed: 'active' }],
] as const;

/** Does what the workflow does with a request: ask, save, tell Connect. */
async function bringToItsEnd(id: string, vendor: Vendor): Promise<void> {
  const all = activities({ vendor });
  const answer = await run(all, 'askVendor', [id]);
  if (answer.kind !== 'approve' && answer.kind !== 'fail') throw new Error(`${id}: ${answer.kind}`);
  if (answer.params.length > 0) await run(all, 'saveParams', [id, answer.params]);
  if (answer.kind === 'approve') await run(all, 'approveRequest', [id, answer.templateId]);
  else await run(all, 'failRequest', [id, answer.reason]);
}

describe.each(TYPES)('%s of a subscription that is "%s"', (type, before, ends) => {
  async function place(): Promise<{ id: string; asset: string }> {
    if (before === '') {
      const { id, asset } = await box.control.placePurchase();
      return { id, asset: asset.id };
    }
    const { asset } = await box.control.seedSubscription({ status: before });
    const { id } = await box.control.placeOrder({ type, asset });
    return { id, asset };
  }

  test.each([
    ['approved', approve({ subscription_id: 'S-1' })],
    ['failed', fail('Not served.')],
  ] as const)('is %s by the vendor, and the subscription follows', async (status, outcome) => {
    const { id, asset } = await place();
    await bringToItsEnd(id, answering(outcome));
    expect((await box.vendor('GET', `/requests/${id}`)).body).toMatchObject({ type, status });
    expect((await box.vendor('GET', `/assets/${asset}`)).body.status).toBe(ends[status]);
  });
});

describe.each(['setup', 'update', 'adjustment'] as const)('%s of a tier configuration', (type) => {
  const path = '/tier/config-requests';

  async function place(): Promise<string> {
    const product = box.sandbox.products.tiered;
    if (type === 'setup') {
      await box.control.placePurchase({ product, reseller: 'north' });
      return (await box.ids(`${path}?in(status,(pending))`))[0]!;
    }
    await box.control.seedSubscription({ product, reseller: 'north' });
    const [id] = await box.ids('/tier/configs?eq(tier_level,1)');
    const who = type === 'update' ? 'distributor' : 'vendor';
    return (await box[who]('POST', path, { type, configuration: { id } })).body.id;
  }

  test.each([
    ['approved', approve({ reseller_id: 'R-1' }), 'active'],
    ['failed', fail('Not served.'), type === 'setup' ? 'processing' : 'active'],
  ] as const)('is %s by the vendor, and the configuration follows', async (status, outcome, configuration) => {
    const id = await place();
    const all = activities({ vendor: answering(outcome) });
    const answer = await run(all, 'askVendorForTierConfig', [id]);
    if (answer.kind === 'approve') {
      await run(all, 'saveTierParams', [id, answer.params]);
      await run(all, 'approveTierConfigRequest', [id, answer.templateId]);
    } else if (answer.kind === 'fail') await run(all, 'failTierConfigRequest', [id, answer.reason]);
    expect((await box.vendor('GET', `${path}/${id}`)).body).toMatchObject({
      type,
      status,
      configuration: { status: configuration },
    });
  });
});
