import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { useSandbox } from './start';

const box = useSandbox();
const path = () => `/products/${box.sandbox.products.plain}/actions`;
const members = {
  name: 'panel',
  action: 'https://connect.vendor.example/actions/panel',
  type: 'button',
  scope: 'asset',
  description: 'The control panel',
};
const create = async (more: object = {}, at = path()) =>
  (await box.vendor('POST', at, { ...members, ...more })).body.id as string;
const secretOf = async (at = path()) => (await box.vendor('POST', `${at}/regeneratesecret`)).body.jwt_secret as string;

/** What a link signs. @returns undefined where it is not signed with the secret */
function claimsIn(link: string, secret: string): unknown {
  const [head, claims, signature] = new URL(link).searchParams.get('jwt')!.split('.') as [string, string, string];
  const own = createHmac('sha256', secret).update(`${head}.${claims}`).digest('base64url');
  return signature === own ? JSON.parse(Buffer.from(claims, 'base64url').toString()) : undefined;
}

test('is created, listed, changed and deleted, by the vendor alone', async () => {
  const { status, body } = await box.vendor('POST', path(), members);
  expect([status, body]).toEqual([
    201,
    { ...members, title: 'panel', id: expect.stringMatching(/^ACT-100-000-001-\d{3,}$/), events: expect.anything() },
  ]);
  const ofTier = await create({ scope: 'tier1' });
  expect(await box.ids(path())).toEqual([body.id, ofTier]);
  expect(await box.ids(`${path()}?scope=tier1`)).toEqual([ofTier]);

  const changed = await box.vendor('PUT', `${path()}/${body.id}`, { title: 'Your panel' });
  expect(changed.body).toMatchObject({ ...members, id: body.id, title: 'Your panel' });
  for (const [method, at] of [
    ['POST', path()],
    ['POST', `${path()}/regeneratesecret`],
    ['PUT', `${path()}/${ofTier}`],
    ['DELETE', `${path()}/${ofTier}`],
  ] as const) {
    expect((await box.distributor(method, at, method === 'DELETE' ? undefined : members)).status).toBe(403);
  }
  expect((await box.vendor('DELETE', `${path()}/${ofTier}`)).status).toBe(204);
  expect((await box.vendor('GET', `${path()}/${ofTier}`)).status).toBe(404);
});

test.each([
  ['name', undefined],
  ['action', 'ftp://vendor.example'],
  ['action', `https://vendor.example/${'x'.repeat(100)}`],
  ['scope', 'item'],
  ['description', 'x'.repeat(301)],
])('one with the %s %j is refused', async (name, value) => {
  const { status, body } = await box.vendor('POST', path(), { ...members, [name]: value });
  expect([status, body.errors]).toEqual([400, [expect.stringMatching(`^${name}: `)]]);
});

test('a link is signed with the secret of its product, and says what it is about', async () => {
  const id = await create();
  const { asset } = await box.control.seedSubscription();
  const link = async () =>
    (await box.vendor('GET', `${path()}/${id}/actionLink?asset_id=${asset}`)).body.link as string;
  const other = await secretOf(path().replace('001', '002'));
  const first = await secretOf();
  const signed = await link();
  expect(signed).toMatch(/^https:\/\/connect\.vendor\.example\/actions\/panel\?jwt=/);
  expect(claimsIn(signed, other)).toBeUndefined();
  expect(claimsIn(signed, first)).toEqual({
    action_id: id,
    asset_id: asset,
    iat: expect.any(Number),
    exp: expect.any(Number),
  });
  const second = await secretOf();
  expect(second).not.toBe(first);
  expect(claimsIn(await link(), first)).toBeUndefined();
});

test('a link of a tier is about a configuration of that tier', async () => {
  const { tiered } = box.sandbox.products;
  const at = `/products/${tiered}/actions`;
  const id = await create({ scope: 'tier1' }, at);
  const secret = await secretOf(at);
  await box.control.seedSubscription({ product: tiered, reseller: 'north' });
  const [ofTier1] = await box.ids('/tier/configs?eq(tier_level,1)');
  const [ofTier2] = await box.ids('/tier/configs?eq(tier_level,2)');
  const { body } = await box.vendor('GET', `${at}/${id}/actionLink?tier_config_id=${ofTier1}`);
  expect(claimsIn(body.link, secret)).toMatchObject({ action_id: id, configuration_id: ofTier1 });
  for (const query of [`tier_config_id=${ofTier2}`, 'asset_id=AS-1', '']) {
    expect((await box.vendor('GET', `${at}/${id}/actionLink?${query}`)).status).toBe(400);
  }
  expect((await box.vendor('GET', `${at}/${id}/actionLink?tier_config_id=TC-1`)).status).toBe(404);
});

test('a link is about a subscription of its product', async () => {
  const id = await create();
  const { asset } = await box.control.seedSubscription({ product: box.sandbox.products.tiered });
  expect((await box.vendor('GET', `${path()}/${id}/actionLink?asset_id=${asset}`)).status).toBe(400);
  expect((await box.vendor('GET', `${path()}/${id}/actionLink?asset_id=AS-1`)).status).toBe(404);
  expect((await box.vendor('GET', `${path()}/${id}/actionLink`)).status).toBe(400);
});
