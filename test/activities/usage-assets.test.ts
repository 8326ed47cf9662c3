import { expect, test } from '@jest/globals';
import { assetText, createAssetFinder } from '../../activities/usage-assets';
import { EUROPE, fakeConnect, type Fakes, PRODUCT, subscription } from './fake-usage';

const { signal } = new AbortController();

/** A finder, and what it asks Connect. */
function finder(subscriptions: Fakes['subscriptions'] = []) {
  const calls: unknown[][] = [];
  const connect = fakeConnect({ subscriptions, onCall: (...call) => calls.push(call) });
  return { ...createAssetFinder(connect, PRODUCT, signal), calls };
}

const bySubscriptionId = (value: string) => ({ parameter: 'subscription_id', value });

test('finds a subscription by its id and by a parameter, and says of it what usage needs', async () => {
  const { prepare, get } = finder([subscription('AS-1', { status: 'suspended', vendorId: 'S-1' })]);
  await prepare(['AS-1', bySubscriptionId('S-1')]);
  const found = { id: 'AS-1', status: 'suspended', contractId: EUROPE, marketplaceId: 'MP-00001' };
  expect([get('AS-1'), get(bySubscriptionId('S-1'))]).toEqual([found, found]);
});

test('knows nothing of what Connect does not have', async () => {
  const { prepare, get } = finder([subscription('AS-1')]);
  await prepare(['AS-2', bySubscriptionId('S-2'), { parameter: 'tenant', value: 'S-AS-1' }]);
  expect(['AS-2', bySubscriptionId('S-2'), { parameter: 'tenant', value: 'S-AS-1' }].map(get)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('asks for each once, however often it is named, and whether it is there or not', async () => {
  const { prepare, calls } = finder([subscription('AS-1')]);
  await prepare(['AS-1', 'AS-1', 'AS-2', bySubscriptionId('S-1'), bySubscriptionId('S-1')]);
  await prepare(['AS-1', 'AS-2', bySubscriptionId('S-1'), 'AS-3']);
  await prepare([]);
  expect(calls).toEqual([
    ['withIds', PRODUCT, ['AS-1', 'AS-2']],
    ['withParameter', PRODUCT, 'subscription_id', ['S-1']],
    ['withIds', PRODUCT, ['AS-3']],
  ]);
});

test('asks for a hundred at once, by each parameter apart', async () => {
  const { prepare, get, calls } = finder(Array.from({ length: 250 }, (_, n) => subscription(`AS-${n}`)));
  const ids = Array.from({ length: 250 }, (_, n) => `AS-${n}`);
  const tenants = Array.from({ length: 101 }, (_, n) => ({ parameter: 'tenant', value: `T-${n}` }));
  await prepare([...ids, ...tenants, bySubscriptionId('S-AS-249')]);
  expect(calls.map(([list, , ...rest]) => [list, (rest.at(-1) as string[]).length])).toEqual([
    ['withIds', 100],
    ['withIds', 100],
    ['withIds', 50],
    ['withParameter', 100],
    ['withParameter', 1],
    ['withParameter', 1],
  ]);
  expect(ids.map((id) => get(id)?.id)).toEqual(ids);
  expect(get(bySubscriptionId('S-AS-249'))?.id).toBe('AS-249');
});

test('asks for fewer at once where their names are long, since a URL holds no more', async () => {
  const { prepare, calls } = finder();
  const values = Array.from({ length: 60 }, (_, n) => `${'é'.repeat(30)}${n}`);
  await prepare(values.map(bySubscriptionId));
  const asked = calls.map(([, , , batch]) => batch as string[]);
  expect(asked.flat()).toEqual(values);
  for (const batch of asked)
    expect(encodeURIComponent(batch.map((value) => `"${value}"`).join()).length).toBeLessThan(4_001);
});

test('takes a parameter by its exact value, although Connect matches the id and the value of two parameters', async () => {
  const other = subscription('AS-1', {
    params: [
      { id: 'subscription_id', value: 'S-9' },
      { id: 'tenant', value: 'S-1' },
    ],
  });
  const { prepare, get } = finder([other, subscription('AS-2', { vendorId: 's-1' })]);
  await prepare([bySubscriptionId('S-1')]);
  expect(get(bySubscriptionId('S-1'))).toBeUndefined();
});

test.each<[string, string[], string | undefined]>([
  ['one that lives', ['active'], 'AS-0'],
  ['one that has ended', ['terminated'], 'AS-0'],
  ['one that lives beside one that has ended', ['terminated', 'active'], 'AS-1'],
  ['one that lives beside two that have ended', ['terminated', 'suspended', 'terminated'], 'AS-1'],
  ['two that live', ['active', 'suspended'], undefined],
  ['two that live beside one that has ended', ['active', 'terminated', 'terminating'], undefined],
  ['two that have ended', ['terminated', 'terminated'], undefined],
])('a value that belongs to %s means the one that can be meant, if any', async (_, statuses, id) => {
  const { prepare, get } = finder(statuses.map((status, n) => subscription(`AS-${n}`, { status, vendorId: 'S-1' })));
  await prepare([bySubscriptionId('S-1')]);
  expect(get(bySubscriptionId('S-1'))?.id).toBe(id);
});

test('a text is never taken for a parameter, nor one parameter for another', async () => {
  const { prepare, get } = finder([subscription('AS-1', { params: [{ id: 'a', value: 'b=c' }] })]);
  await prepare([{ parameter: 'a', value: 'b=c' }]);
  expect(get({ parameter: 'a', value: 'b=c' })?.id).toBe('AS-1');
  for (const other of ['a=b=c', '["a","b=c"]', { parameter: 'a=b', value: 'c' }]) {
    await prepare([other]);
    expect(get(other)).toBeUndefined();
  }
});

test.each([
  ['a text that is no id of a subscription', 'subscription 7'],
  ['an id of something else', 'PR-1'],
  ['an id that is too long', `AS-${'1'.repeat(100)}`],
  ['half a character', bySubscriptionId('S\ud800')],
  ['a value with both kinds of quotation mark', bySubscriptionId(`6'2" tall`)],
  ['a value that is too long for a URL', bySubscriptionId('x'.repeat(3_000))],
  ['a parameter that is too long for a URL', { parameter: 'x'.repeat(3_000), value: 'S-1' }],
])('%s is nobody, and does not stop the others', async (_, odd) => {
  const { prepare, get, calls } = finder([subscription('AS-1')]);
  await prepare([odd, 'AS-1']);
  expect([get(odd), get('AS-1')?.id]).toEqual([undefined, 'AS-1']);
  expect(calls).toEqual([['withIds', PRODUCT, ['AS-1']]]);
});

test('a fault of Connect is the fault of the whole, not an unknown subscription', async () => {
  const connect = fakeConnect();
  connect.assets.withIds = () => Promise.reject(new Error('ECONNRESET'));
  const { prepare } = createAssetFinder(connect, PRODUCT, signal);
  await expect(prepare(['AS-1', bySubscriptionId('S-1')])).rejects.toThrow('ECONNRESET');
});

test('a reference can be read by a person', () => {
  expect([assetText('AS-1'), assetText(bySubscriptionId('S-1'))]).toEqual(['AS-1', 'subscription_id=S-1']);
});
