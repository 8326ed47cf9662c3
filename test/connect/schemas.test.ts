import { afterEach, expect, test } from '@jest/globals';
import { Assignee } from '../../src/connect/parameter';
import { FulfillmentRequest } from '../../src/connect/requests';
import { TierConfigRequest } from '../../src/connect/tier-config-requests';
import { createConnectClient } from '../../src/connect/client';
import { useSandbox } from '../sandbox/start';
import { serve, stopServers } from './server';

const box = useSandbox();
afterEach(stopServers);

/** What a request must have, and nothing more. */
const bare = {
  id: 'PR-1',
  type: 'purchase',
  status: 'pending',
  asset: { id: 'AS-1', product: { id: 'PRD-1' } },
};
const bareTier = {
  id: 'TCR-1',
  type: 'setup',
  status: 'pending',
  configuration: { id: 'TC-1', account: { id: 'TA-1' }, product: { id: 'PRD-1' }, tier_level: 1 },
};

test('reads a request that has no more than it must', () => {
  expect(FulfillmentRequest.parse(bare)).toMatchObject({
    asset: { items: [], params: [], tiers: {}, external_id: '' },
    planned_date: '',
  });
  expect(TierConfigRequest.parse(bareTier)).toMatchObject({ params: [], tiers: {}, environment: '' });
});

test('reads null, an empty text and an empty object as nothing', () => {
  for (const none of [null, '', {}]) {
    const request = {
      ...bare,
      marketplace: none,
      contract: none,
      planned_date: null,
      asset: { ...bare.asset, connection: none, configuration: none, items: null, params: null, tiers: none },
    };
    const { asset, marketplace, planned_date } = FulfillmentRequest.parse(request);
    expect(asset).toMatchObject({ items: [], params: [], tiers: {} });
    expect([asset.connection, asset.configuration, marketplace, planned_date]).toEqual([
      undefined,
      undefined,
      undefined,
      '',
    ]);
    const tiers = { tier1: { id: 'TA-1', contact_info: none }, tier2: none };
    expect(TierConfigRequest.parse({ ...bareTier, tiers }).tiers.tier2).toBeUndefined();
  }
});

test('keeps a type and a status that Connect has added since', () => {
  const request = FulfillmentRequest.parse({ ...bare, type: 'renew', status: 'frozen' });
  expect(request).toMatchObject({ type: 'renew', status: 'frozen' });
  expect(TierConfigRequest.parse({ ...bareTier, type: 'renew', status: 'frozen' })).toMatchObject({ status: 'frozen' });
});

test('reads ids and quantities that come as numbers', () => {
  const items = [{ id: 'PRD_1', mpn: 7, quantity: 3, old_quantity: 0.5 }];
  const tiers = { customer: { id: 'TA-1', external_id: 42, contact_info: { postal_code: 28001 } } };
  const { asset } = FulfillmentRequest.parse({ ...bare, asset: { ...bare.asset, external_id: 42, items, tiers } });
  expect(asset).toMatchObject({
    external_id: '42',
    items: [{ mpn: '7', quantity: '3', old_quantity: '0.5' }],
    tiers: { customer: { external_id: '42', contact_info: { postal_code: '28001' } } },
  });
  const configuration = { ...bareTier.configuration, tier_level: '2' };
  expect(TierConfigRequest.parse({ ...bareTier, configuration }).configuration.tier_level).toBe(2);
});

test('reads an assignee as its id or as an object, since Connect is described as sending the one and sends the other', () => {
  const id = 'UR-000-000-001';
  const read = [id, { id, name: 'Ada' }, { id, email: 'ada@example.com' }, null].map((one) => Assignee.parse(one));
  expect(read).toEqual([{ id, name: '' }, { id, name: 'Ada' }, { id, name: 'ada@example.com' }, undefined]);
});

test('keeps structured values as they are, and drops one that is no structure', () => {
  const phone = { country_code: '+34', phone_number: '000000' };
  const params = [
    { id: 'phone', type: 'phone', value: '+34000000', structured_value: phone },
    { id: 'name', type: 'text', value: null, structured_value: null },
    { id: 'list', type: 'object', structured_value: ['a'] },
    { id: 'box', type: 'checkbox', value: true, structured_value: { a: true } },
  ];
  const { asset } = FulfillmentRequest.parse({ ...bare, asset: { ...bare.asset, params } });
  expect(asset.params).toMatchObject([
    { id: 'phone', structured_value: phone },
    { id: 'name', value: '' },
    { id: 'list', value: '' },
    { id: 'box', value: 'true' },
  ]);
  expect(asset.params[2]?.structured_value).toBeUndefined();
});

/** Ways in which Connect sends less, or something else, than it should; and what is read. */
const ODD: [what: string, request: (ask: typeof bare) => object, read: object][] = [
  [
    'ids that are numbers',
    (ask) => ({
      ...ask,
      marketplace: { id: 7 },
      contract: { id: 8 },
      asset: {
        id: 9,
        product: { id: 10 },
        connection: { id: 11, type: 'test', hub: { id: 12 } },
        items: [{ id: 13, quantity: 1 }],
        params: [{ id: 14, value: 15 }],
      },
    }),
    {
      marketplace: { id: '7' },
      contract: { id: '8' },
      asset: {
        id: '9',
        product: { id: '10' },
        connection: { id: '11', hub: { id: '12' } },
        items: [{ id: '13' }],
        params: [{ id: '14', value: '15' }],
      },
    },
  ],
  [
    'a marketplace, a contract and a hub without an id',
    (ask) => ({
      ...ask,
      marketplace: { id: null, name: 'none' },
      contract: { name: 'none' },
      asset: { ...ask.asset, connection: { type: 'test', hub: { id: null }, vendor: 'VA-1' } },
    }),
    {
      marketplace: undefined,
      contract: undefined,
      asset: { connection: { type: 'test', hub: undefined, vendor: undefined } },
    },
  ],
  [
    'null in lists',
    (ask) => ({ ...ask, asset: { ...ask.asset, items: [null, { id: 'PRD_1' }], params: [{ id: 'a' }, null] } }),
    { asset: { items: [{ id: 'PRD_1' }], params: [{ id: 'a' }] } },
  ],
  [
    'values that are structures',
    (ask) => ({
      ...ask,
      asset: {
        ...ask.asset,
        params: [
          { id: 'a', value: ['x'] },
          { id: 'b', value: { y: 1 } },
        ],
      },
    }),
    { asset: { params: [{ value: '["x"]' }, { value: '{"y":1}' }] } },
  ],
  [
    'constraints in words',
    (ask) => ({
      ...ask,
      asset: {
        ...ask.asset,
        params: [{ id: 'a', constraints: { required: 'true', hidden: 'perhaps', unique: null } }],
      },
    }),
    { asset: { params: [{ constraints: { required: true, hidden: undefined, unique: null } }] } },
  ],
  [
    'a phone number that is a text',
    (ask) => ({
      ...ask,
      asset: {
        ...ask.asset,
        tiers: { customer: { id: 'TA-1', contact_info: { city: 'Graz', contact: { phone_number: '+43 1' } } } },
      },
    }),
    {
      asset: {
        tiers: { customer: { contact_info: { city: 'Graz', contact: { phone_number: { phone_number: '+43 1' } } } } },
      },
    },
  ],
  [
    'contact details that are none',
    (ask) => ({ ...ask, asset: { ...ask.asset, tiers: { customer: { id: 'TA-1', contact_info: ['Graz'] } } } }),
    { asset: { tiers: { customer: { id: 'TA-1', contact_info: undefined } } } },
  ],
  [
    'an external id that is a structure',
    (ask) => ({ ...ask, asset: { ...ask.asset, external_id: { text: 'x' } } }),
    { asset: { external_id: '{"text":"x"}' } },
  ],
];

test.each(ODD)('a request is read although it has %s', (_, request, read) => {
  expect(FulfillmentRequest.parse(request(bare))).toMatchObject(read);
});

test('a tier config request is read although its ids are numbers, or missing where nobody needs them', () => {
  const configuration = {
    id: 1,
    account: { id: 2 },
    product: { id: 3 },
    tier_level: 1,
    marketplace: { id: null },
    contract: { id: 4 },
    params: [null],
  };
  expect(TierConfigRequest.parse({ ...bareTier, configuration, params: [null, { id: 5 }] })).toMatchObject({
    configuration: {
      id: '1',
      account: { id: '2' },
      product: { id: '3' },
      marketplace: undefined,
      contract: { id: '4' },
    },
    params: [{ id: '5' }],
  });
});

test('drops what nobody reads', () => {
  const parsed = FulfillmentRequest.parse({ ...bare, activation_key: 'secret', asset: { ...bare.asset, extra: 'x' } });
  expect(JSON.stringify(parsed)).not.toMatch(/secret|extra/);
});

test.each([
  ['without an id', { ...bare, id: undefined }, 'id'],
  ['whose id is a number', { ...bare, id: 7 }, 'id'],
  ['without a type', { ...bare, type: null }, 'type'],
  ['without its subscription', { ...bare, asset: undefined }, 'asset'],
  ['whose product has no id', { ...bare, asset: { id: 'AS-1', product: {} } }, 'asset.product.id'],
])('does not guess at a request %s', (_, request, path) => {
  expect(FulfillmentRequest.safeParse(request).error?.issues[0]?.path.join('.')).toBe(path);
});

test.each([undefined, null, '', {}, { created: null }])(
  'lists a tier config request that has %j for what happened to it',
  async (events) => {
    const { url } = await serve((_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify([{ ...bareTier, events }]));
    });
    const connect = createConnectClient({ url, apiKey: 'SU-1:key' });
    const { value } = await connect.tierConfigRequests.list({}).next();
    expect(value).toMatchObject({ items: [{ id: bareTier.id, created: '' }], unreadable: [] });
    await connect.close();
  },
);

test.each([undefined, null, '', {}, { id: null }, 'CT-1'])(
  "reads a reseller's parameters where the connection of the configuration is %j",
  async (connection) => {
    const configs = [{ id: 'TC-1', connection, params: [{ id: 'reseller_id', value: 'R-1' }] }];
    const { url } = await serve((_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(configs));
    });
    const connect = createConnectClient({ url, apiKey: 'SU-1:key' });
    const of = { account: 'TA-1', product: 'PRD-1', level: 1, connection: 'CT-1' } as const;
    expect(await connect.tierConfigs.paramsOf(of)).toMatchObject([{ id: 'reseller_id', value: 'R-1' }]);
    await connect.close();
  },
);

test("takes no other connection's parameters for those of a reseller", async () => {
  const configs = [{ id: 'TC-1', connection: { id: 'CT-2' }, params: [{ id: 'reseller_id', value: 'R-1' }] }];
  const { url } = await serve((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(configs));
  });
  const connect = createConnectClient({ url, apiKey: 'SU-1:key' });
  const of = { account: 'TA-1', product: 'PRD-1', level: 1 } as const;
  expect(await connect.tierConfigs.paramsOf({ ...of, connection: 'CT-1' })).toEqual([]);
  expect(await connect.tierConfigs.paramsOf(of)).toHaveLength(1); // whoever does not know the connection takes the first
  await connect.close();
});

test('reads every kind of request of the sandbox without loss of what a handler needs', async () => {
  const { sandbox, control } = box;
  const connect = createConnectClient({ url: sandbox.connectUrl, apiKey: sandbox.vendorKey });
  const { id } = await control.placePurchase({ product: sandbox.products.tiered, quantity: 3 });
  const { asset, marketplace } = await connect.requests.get(id);
  expect(asset.items.find(({ mpn }) => mpn === 'SEAT')).toMatchObject({ quantity: '3', item_type: 'Reservation' });
  expect(asset).toMatchObject({
    connection: { type: 'production' },
    tiers: { customer: { id: expect.stringMatching(/^TA-/) }, tier1: { id: expect.stringMatching(/^TA-/) } },
    configuration: { params: [{ id: 'api_region' }] },
  });
  expect(marketplace?.id).toBe('MP-10001');

  const { tierConfigRequests } = await control.state();
  for (const { id: tierId, level } of tierConfigRequests) {
    const request = await connect.tierConfigRequests.get(tierId);
    expect(request).toMatchObject({ id: tierId, type: 'setup', configuration: { tier_level: level } });
    expect(request.params.map((param) => param.id)).toContain('reseller_id');
  }
  const definitions = await connect.products.parameters(sandbox.products.tiered);
  expect(definitions.map(({ name }) => name)).toContain('subscription_id');
  expect((await connect.products.items(sandbox.products.tiered)).map(({ mpn }) => mpn)).toContain('SEAT');
  expect((await connect.products.get(sandbox.products.tiered)).name).not.toBe('');
  await connect.close();
});
