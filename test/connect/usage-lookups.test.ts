import { afterEach, expect, test } from '@jest/globals';
import { createConnectClient } from '../../src/connect/client';
import { serve, stopServers } from './server';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await stopServers();
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** A Connect that answers everything with one body, and a client of it. */
async function connectWith(body: unknown) {
  const urls: string[] = [];
  const { url } = await serve((request, response) => {
    urls.push(decodeURIComponent(request.url ?? ''));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const connect = createConnectClient({ url, apiKey: 'SU-1:x' });
  open.push(connect);
  return { ...connect, urls };
}

const ASSET = {
  id: 'AS-1',
  status: 'active',
  connection: { id: 'CT-1', type: 'test' },
  contract: { id: 'CRD-1' },
  marketplace: { id: 'MP-1', name: 'Iberia' },
  params: [
    { id: 'subscription_id', value: 'S-1', type: 'text' },
    { id: 'seats', value: 7 },
    { id: 'phone', value: null, structured_value: {} },
  ],
};

test('subscriptions are asked for by their ids, without what usage does not look at', async () => {
  const { assets, urls } = await connectWith([ASSET, { ...ASSET, id: 'AS-2', params: null }]);
  expect(await assets.withIds('PRD-1', ['AS-1', 'AS-2'])).toEqual([
    {
      id: 'AS-1',
      status: 'active',
      connection: { type: 'test' },
      contract: { id: 'CRD-1' },
      marketplace: { id: 'MP-1' },
      params: [
        { id: 'subscription_id', value: 'S-1' },
        { id: 'seats', value: '7' },
        { id: 'phone', value: '' },
      ],
    },
    expect.objectContaining({ id: 'AS-2', params: [] }),
  ]);
  expect(urls).toEqual([
    '/assets?select(-items,-tiers,-configuration)&and(eq(product.id,PRD-1),in(id,(AS-1,AS-2)))&limit=1000&offset=0',
  ]);
});

test('subscriptions are asked for by a parameter, each value quoted where it must be', async () => {
  const { assets, urls } = await connectWith([]);
  await assets.withParameter('PRD-1', { id: 'subscription_id', values: ['S-1', 'a, b', 'ada@example.com'] });
  expect(urls).toEqual([
    '/assets?select(-items,-tiers,-configuration)&' +
      'and(eq(product.id,PRD-1),eq(params.id,subscription_id),in(params.value,(S-1,"a, b",ada@example.com)))' +
      '&limit=1000&offset=0',
  ]);
});

test.each([{ contract: null }, { marketplace: {} }])(
  'a subscription of which Connect says %j spoils no list',
  async (change) => {
    const { assets } = await connectWith([ASSET, { ...ASSET, id: 'AS-2', ...change }]);
    const [, other] = await assets.withIds('PRD-1', ['AS-1', 'AS-2']);
    const [name] = Object.keys(change);
    expect([other?.id, other?.[name as keyof typeof other]]).toEqual(['AS-2', undefined]);
  },
);

test.each<[string, unknown, unknown]>([
  ['is there', { ppu: { schema: 'TR', dynamic: true } }, { schema: 'TR', dynamic: true }],
  ['does not say whether items are dynamic', { ppu: { schema: 'QT', dynamic: null } }, { schema: 'QT', dynamic: null }],
  ['is switched off by null', { ppu: null }, undefined],
  ['is switched off by an empty object', { ppu: {} }, undefined],
  ['is not mentioned', { tiers: { configs: true } }, undefined],
  ['belongs to no capabilities at all', null, undefined],
])('pay-as-you-go that %s is read', async (_, capabilities, ppu) => {
  const { products } = await connectWith({ id: 'PRD-1', name: 'Mail', status: 'published', capabilities });
  expect((await products.get('PRD-1')).capabilities?.ppu).toEqual(ppu);
});

test('items are read with their precision, and without one that is not known', async () => {
  const item = (mpn: string, precision?: string | null) => ({ id: mpn, name: mpn, mpn, type: 'PPU', precision });
  const given = ['Integer', 'Decimal(8)', 'Decimal(3)', null, undefined];
  const { products, urls } = await connectWith(given.map((precision, n) => item(`${n}`, precision)));
  const found = await products.items('PRD-1');
  expect(found.map(({ precision }) => precision ?? undefined)).toEqual([
    ...['Integer', 'Decimal(8)'],
    ...[undefined, undefined, undefined],
  ]);
  expect(urls).toEqual(['/products/PRD-1/items?limit=1000&offset=0']);
});

test('a marketplace has its currency', async () => {
  const { marketplaces, urls } = await connectWith({ id: 'MP-1', name: 'Iberia', currency: 'EUR', hubs: [] });
  expect(await marketplaces.get('MP-1')).toEqual({ id: 'MP-1', name: 'Iberia', currency: 'EUR' });
  expect(urls).toEqual(['/marketplaces/MP-1']);
});

test.each([null, '', undefined])('a marketplace whose currency is %p cannot be reported to', async (currency) => {
  const { marketplaces } = await connectWith({ id: 'MP-1', name: 'Iberia', currency });
  await expect(marketplaces.get('MP-1')).rejects.toMatchObject({
    message: expect.stringContaining('GET /marketplaces/MP-1 answered 200, with currency not as expected'),
  });
});
