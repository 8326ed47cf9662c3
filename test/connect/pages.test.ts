import { afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { createConnectClient } from '../../src/connect/client';
import { Http } from '../../src/connect/http';
import { all, type Page, pages } from '../../src/connect/pages';
import { eq } from '../../src/connect/rql';
import { useSandbox } from '../sandbox/start';
import { serve, stopServers } from './server';

const box = useSandbox();
afterEach(stopServers);

const Item = z.object({ id: z.string() });
const ids = (count: number) => Array.from({ length: count }, (_, n) => `PR-${n}`);

interface ListServer {
  items: unknown[];
  /** The most that it gives in one answer, whatever is asked for. */
  clamp: number;
  /** What it says in `Content-Range`; undefined for no such header. */
  range?: (offset: number, count: number) => string | undefined;
}

/** A list as Connect serves one, and as it should not. */
async function listServer() {
  const state: ListServer & { queries: URLSearchParams[] } = { items: [], clamp: 1000, queries: [] };
  const { url } = await serve((request, response) => {
    const { searchParams: query } = new URL(request.url ?? '', 'http://local');
    state.queries.push(query);
    const offset = Number(query.get('offset'));
    const page = state.items.slice(offset, offset + Math.min(Number(query.get('limit')), state.clamp));
    const honest = `items ${offset}-${offset + Math.max(page.length - 1, 0)}/${state.items.length}`;
    const range = state.range ? state.range(offset, page.length) : honest;
    if (range !== undefined) response.setHeader('content-range', range);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(page));
  });
  const http = new Http({ url, apiKey: 'SU-1:x', requestsPerSecond: 100_000 });
  const set = (to: ListServer) => Object.assign(state, { range: undefined, queries: [], ...to });
  const list = () => pages(http, { route: '/things' }, Item, {});
  return { state, set, list, http };
}

async function collect<T>(list: AsyncIterable<Page<T>>): Promise<Page<T>[]> {
  const found: Page<T>[] = [];
  for await (const page of list) found.push(page);
  return found;
}

test('gives every item exactly once, however many there are and however few come at a time', async () => {
  const { set, list, http } = await listServer();
  await fc.assert(
    fc.asyncProperty(fc.nat(40), fc.integer({ min: 1, max: 50 }), async (count, clamp) => {
      set({ items: ids(count).map((id) => ({ id })), clamp });
      const found = await collect(list());
      expect(found.flatMap(({ items }) => items.map(({ id }) => id))).toEqual(ids(count));
      expect(found).toHaveLength(Math.max(1, Math.ceil(count / clamp))); // and asks no oftener than it must
    }),
    { numRuns: 60 },
  );
  await http.close();
});

test.each([
  ['says more than there are', () => 'items 0-9/1000000'],
  ['says fewer than there are', () => 'items 0-0/1'],
  ['says nothing', () => undefined],
  ['says nonsense', () => 'everything'],
  ['counts backwards', (offset: number) => `items 0-0/${Math.max(0, 7 - offset)}`],
])('comes to an end at a server that %s, and gives nothing twice', async (_, range) => {
  const { state, set, list, http } = await listServer();
  set({ items: ids(10).map((id) => ({ id })), clamp: 4, range });
  const found = (await collect(list())).flatMap(({ items }) => items.map(({ id }) => id));
  expect(found).toEqual(ids(10).slice(0, found.length));
  expect(new Set(found).size).toBe(found.length);
  expect(found.length).toBeGreaterThanOrEqual(4);
  expect(state.queries.length).toBeLessThanOrEqual(4);
  await http.close();
});

test('reads all of a list whose server claims too much', async () => {
  const { set, list, http } = await listServer();
  set({ items: ids(10).map((id) => ({ id })), clamp: 4, range: () => 'items 0-9/1000000' });
  expect(await all(list(), '/things')).toHaveLength(10);
  await http.close();
});

test.each([1000, 2500])('reads all %d items of a list whose server does not count them', async (count) => {
  const { state, set, list, http } = await listServer();
  set({ items: ids(count).map((id) => ({ id })), clamp: 1000, range: () => undefined });
  expect((await all(list(), '/things')).map(({ id }) => id)).toEqual(ids(count));
  expect(state.queries).toHaveLength(Math.floor(count / 1000) + 1);
  await http.close();
});

test('keeps a page in which one item cannot be read, and tells which one', async () => {
  const { set, list, http } = await listServer();
  set({ items: [{ id: 'PR-1' }, { id: 7 }, null, 'text', { id: 'PR-2' }], clamp: 10 });
  const [page] = await collect(list());
  expect(page).toMatchObject({ items: [{ id: 'PR-1' }, { id: 'PR-2' }], total: 5 });
  expect(page?.unreadable).toEqual([
    { id: undefined, problem: 'with id not as expected (invalid_type)' },
    { id: undefined, problem: 'with a body not as expected (invalid_type)' },
    { id: undefined, problem: 'with a body not as expected (invalid_type)' },
  ]);
  await http.close();
});

test('counts what cannot be read where it works out the next page', async () => {
  const { set, list, http } = await listServer();
  set({ items: [{}, {}, { id: 'PR-1' }, {}, { id: 'PR-2' }], clamp: 2 });
  expect((await collect(list())).map(({ items, unreadable }) => [items.length, unreadable.length])).toEqual([
    [0, 2],
    [1, 1],
    [1, 0],
  ]);
  await http.close();
});

test('refuses the whole of a list of which each item matters, where one cannot be read', async () => {
  const { set, list, http } = await listServer();
  set({ items: [{ id: 'PR-1' }, { id: null }], clamp: 10 });
  await expect(all(list(), '/things')).rejects.toMatchObject({ code: 'CONNECT_ANSWER', kind: 'schema' });
  await http.close();
});

test('refuses something else than a list', async () => {
  const { url } = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"results": []}');
  });
  const http = new Http({ url, apiKey: 'SU-1:x' });
  await expect(collect(pages(http, { route: '/things' }, Item, {}))).rejects.toMatchObject({ kind: 'schema' });
  await http.close();
});

test('reads a large list of the sandbox in pages of a thousand, each with the time of Connect', async () => {
  const { sandbox, control } = box;
  const placed = await control.placeOrders({ type: 'purchase', product: sandbox.products.plain, count: 1_200 });
  const connect = createConnectClient({ url: sandbox.connectUrl, apiKey: sandbox.vendorKey });
  const found = await collect(connect.requests.list({ filter: eq('status', 'pending'), ordering: ['created'] }));
  expect(found.map(({ items, total }) => [items.length, total])).toEqual([
    [1000, 1200],
    [200, 1200],
  ]);
  expect(found.flatMap(({ items }) => items.map(({ id }) => id)).sort()).toEqual(placed.map(({ id }) => id).sort());
  expect(Math.abs(Date.parse(found[0]?.answeredAt ?? '') - Date.now())).toBeLessThan(10_000);
  await connect.close();
});

test('gives out the pages before one that fails', async () => {
  const { sandbox, control } = box;
  await control.placeOrders({ type: 'purchase', product: sandbox.products.plain, count: 1_001 });
  await control.fault({ api: 'connect', method: 'GET', path: '/requests', containing: 'offset=1000', status: 500 });
  const connect = createConnectClient({ url: sandbox.connectUrl, apiKey: sandbox.vendorKey });
  const list = connect.requests.list({});
  expect((await list.next()).value).toMatchObject({ items: { length: 1000 } });
  await expect(list.next()).rejects.toMatchObject({ status: 500 });
  await connect.close();
});
