import { expect, test } from '@jest/globals';
import { createStories, plainPurchases } from '../../sandbox/stories';
import type { Expected, Story, View } from '../../sandbox/story';
import { createWebhookStories } from '../../sandbox/webhook-stories';
import { useSandbox } from './start';

const box = useSandbox();

/** What a processor would do with every pending request, once; returns the requests whose approval was refused. */
async function processPending(): Promise<Set<string>> {
  const parked = new Set<string>();
  for (const id of await box.ids('/tier/config-requests?in(status,(pending))')) {
    const { body } = await box.vendor('GET', `/tier/config-requests/${id}`);
    const { value: taxNumber } = (body.params as { id: string; value: string }[]).find(
      (one) => one.id === 'tax_number',
    )!;
    if (!/^([A-Z]{2}\d+)?$/.test(taxNumber)) {
      await box.vendor('PUT', `/tier/config-requests/${id}`, { params: [{ id: 'tax_number', value_error: 'None.' }] });
      await box.vendor('POST', `/tier/config-requests/${id}/inquire`, {});
      continue;
    }
    await box.vendor('PUT', `/tier/config-requests/${id}`, { params: [{ id: 'reseller_id', value: 'R' }] });
    const { product, tier_level: level } = body.configuration;
    const template = { id: await box.activationTemplate(product.id, `tier${level}`) };
    await box.vendor('POST', `/tier/config-requests/${id}/approve`, { template });
  }
  for (const id of await box.ids('/requests?in(status,(pending))')) {
    const { body } = await box.vendor('GET', `/requests/${id}`);
    if (body.assignee !== null) continue;
    const email: string = body.asset.params[0].value;
    if (!email.includes('@')) {
      const asset = { params: [{ id: 'admin_email', value_error: 'No address.' }] };
      await box.vendor('PUT', `/requests/${id}`, { asset });
      await box.vendor('POST', `/requests/${id}/inquire`, {});
    } else if (email.startsWith('refused@')) await box.vendor('POST', `/requests/${id}/fail`, { reason: 'no' });
    else {
      const isNew = (await box.control.tenantsOf(body.asset.id)).length === 0;
      if (body.type === 'purchase') await createTenant(id, body.asset.id, email);
      if (body.type === 'change') await updateTenants(body.asset.id, email);
      if ((isNew && email.startsWith('slow@')) || email.startsWith('never@')) continue;
      if (isNew && /^(soon|later)@/.test(email)) {
        const planned = Date.now() + (email.startsWith('later@') ? 86_400_000 : 0);
        await box.vendor('POST', `/requests/${id}/schedule`, { planned_date: new Date(planned).toISOString() });
        continue;
      }
      const tile = body.asset.product.id === box.sandbox.products.backup ? 'Your vault is V-1.' : undefined;
      if ((await box.approve(id, tile)).status !== 200) parked.add(id);
    }
  }
  for (const id of await box.ids('/requests?eq(status,revoking)')) await box.vendor('POST', `/requests/${id}/confirm`);
  await giveBack();
  return parked;
}

/** What was made for requests that have failed, or were revoked. */
async function giveBack() {
  const { body: ended } = await box.vendor('GET', '/requests?in(status,(failed,revoked))');
  for (const { asset } of ended as { asset: { id: string } }[]) {
    for (const { tenantId } of await box.control.tenantsOf(asset.id)) {
      await callVendor('DELETE', `/tenant/${tenantId}`, {});
    }
  }
}

async function updateTenants(asset: string, admin_email: string) {
  for (const { tenantId, licences } of await box.control.tenantsOf(asset)) {
    const body = { admin_email, licences };
    await callVendor('PUT', `/tenant/${tenantId}`, { 'content-type': 'application/json' }, body);
  }
}

async function createTenant(key: string, external_id: string, admin_email: string) {
  const body = { external_id, admin_email, licences: { limit: 1 } };
  await callVendor('POST', '/tenant', { 'content-type': 'application/json', 'idempotency-key': key }, body);
}

const callVendor = (method: string, path: string, headers: Record<string, string>, body?: object) =>
  fetch(`${box.sandbox.vendorUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${box.sandbox.vendorApiKey}`, ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });

/** Play a story to its end: at most one round for each act and three more. */
async function play(story: Story): Promise<Expected[]> {
  const expected = await story.place(box.control);
  const acts = [...story.acts];
  for (let [round, rounds] = [0, acts.length + 3]; round < rounds; round += 1) {
    const parked = await processPending();
    const { requests, tierConfigRequests, tenants } = await box.control.state();
    const statuses = new Map([...requests, ...tierConfigRequests].map(({ id, status }) => [id, status]));
    const view: View = {
      status: (id) => statuses.get(id),
      phase: (id) => (parked.has(id) ? 'parked' : undefined),
      step: () => undefined,
      usageFiles: [],
      heldBack: [],
      tenants: (asset) => tenants.filter(({ external_id: made }) => made === asset).length,
    };
    const act = acts[0]?.when(view) === true ? acts.shift() : undefined;
    const { placed = [], acts: further = [] } = (await act?.run(box.control, view)) ?? {};
    expected.push(...placed);
    acts.unshift(...further);
    rounds += further.length;
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
    for (const { id, expected: wanted, asset, tenants, givenBack = false } of expected) {
      const status = [...requests, ...tierConfigRequests].find((one) => one.id === id)?.status;
      expect([id, status]).toEqual([id, wanted]);
      if (asset === undefined) continue;
      const made = await box.control.tenantsOf(asset);
      expect(made).toHaveLength(tenants ?? -1);
      if (givenBack) expect(made.map((tenant) => tenant.status)).toEqual(['deleted']);
    }
  },
);

test('a draft that nobody has marked is ordered as it is; its customer is asked afterwards, and answers', async () => {
  const [, draft] = createWebhookStories('');
  const [order] = await play(draft!);
  const statuses = (await box.control.timeline(order!.id)).map(({ to }) => to);
  expect(statuses).toEqual(['draft', 'pending', 'inquiring', 'pending', 'approved']);
});

test('places as many plain purchases as asked', async () => {
  const expected = await plainPurchases(25).place(box.control);
  expect(expected).toHaveLength(25);
  expect(await box.ids('/requests?in(status,(pending))')).toEqual(expected.map(({ id }) => id));
});
