import { expect, test } from '@jest/globals';
import { createStories, plainPurchases, type Expected, type Story, type View } from '../../sandbox/stories';
import { useSandbox } from './start';

const box = useSandbox();

/** What a processor would do with every pending request, once; returns the requests whose approval was refused. */
async function processPending(): Promise<Set<string>> {
  const parked = new Set<string>();
  for (const id of await box.ids('/tier/config-requests?in(status,(pending))')) {
    await box.vendor('PUT', `/tier/config-requests/${id}`, { params: [{ id: 'reseller_id', value: 'R' }] });
    const { body } = await box.vendor('GET', `/tier/config-requests/${id}`);
    const { product, tier_level: level } = body.configuration;
    const template = { id: await box.activationTemplate(product.id, `tier${level}`) };
    await box.vendor('POST', `/tier/config-requests/${id}/approve`, { template });
  }
  for (const id of await box.ids('/requests?in(status,(pending))')) {
    const { body } = await box.vendor('GET', `/requests/${id}`);
    const email: string = body.asset.params[0].value;
    if (!email.includes('@')) {
      const asset = { params: [{ id: 'admin_email', value_error: 'No address.' }] };
      await box.vendor('PUT', `/requests/${id}`, { asset });
      await box.vendor('POST', `/requests/${id}/inquire`, {});
    } else if (email.startsWith('refused@')) await box.vendor('POST', `/requests/${id}/fail`, { reason: 'no' });
    else {
      if (body.type === 'purchase') await createTenant(id, body.asset.id, email);
      if ((await box.approve(id)).status !== 200) parked.add(id);
    }
  }
  return parked;
}

async function createTenant(key: string, external_id: string, admin_email: string) {
  await fetch(`${box.sandbox.vendorUrl}/tenant`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${box.sandbox.vendorApiKey}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify({ external_id, admin_email, licences: { limit: 1 } }),
  });
}

/** Play a story to its end: at most one round for each act and three more. */
async function play(story: Story): Promise<Expected[]> {
  const expected = await story.place(box.control);
  const acts = [...story.acts];
  for (let round = 0; round < story.acts.length + 3; round += 1) {
    const parked = await processPending();
    const statuses = new Map((await box.control.state()).requests.map(({ id, status }) => [id, status]));
    const view: View = {
      status: (id) => statuses.get(id),
      phase: (id) => (parked.has(id) ? 'parked' : undefined),
    };
    const act = acts[0]?.when(view) === true ? acts.shift() : undefined;
    expected.push(...((await act?.run(box.control))?.placed ?? []));
  }
  expect(acts).toEqual([]);
  return expected;
}

test.each(createStories().map((story) => [story.name, story] as const))(
  'the story "%s" can end as it says',
  async (_, story) => {
    const expected = await play(story);
    expect(expected.length).toBeGreaterThan(0);
    const { requests, tierConfigRequests } = await box.control.state();
    for (const { id, expected: wanted, asset, tenants } of expected) {
      const status = [...requests, ...tierConfigRequests].find((one) => one.id === id)?.status;
      expect([id, status]).toEqual([id, wanted]);
      if (asset !== undefined) expect(await box.control.tenantsOf(asset)).toHaveLength(tenants ?? -1);
    }
  },
);

test('places as many plain purchases as asked', async () => {
  const expected = await plainPurchases(25).place(box.control);
  expect(expected).toHaveLength(25);
  expect(await box.ids('/requests?in(status,(pending))')).toEqual(expected.map(({ id }) => id));
});
