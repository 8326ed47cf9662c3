import { expect, test } from '@jest/globals';
import { listPending, type Listing } from '../../activities/list-pending';
import type { ConnectClient } from '../../src/connect/client';
import type { FulfillmentRequest } from '../../src/connect/requests';
import { useActivities } from './start';

const { box, activities } = useActivities();

type Client = Pick<ConnectClient, 'requests' | 'tierConfigRequests'>;
const everything = async (connect: Client): Promise<Listing> =>
  await listPending(connect, Object.values(box.sandbox.products), 'everything', new AbortController().signal);

/** The sandbox's Connect. @param between happens after each page of fulfillment requests, before the next is read */
function disturbed(between: (page: number) => Promise<unknown> | void) {
  const { connect } = activities();
  let read = 0;
  async function* list(...args: Parameters<typeof connect.requests.list>) {
    for await (const page of connect.requests.list(...args)) {
      yield page;
      await between(++read);
    }
  }
  return { connect: { ...connect, requests: { ...connect.requests, list } }, read: () => read };
}

test('a request is not passed over because others are approved while the list is read', async () => {
  const placed = await box.control.placeOrders({ type: 'purchase', product: box.sandbox.products.plain, count: 2_100 });
  const oldest = placed.map(({ id }) => id);
  const { connect } = disturbed(async () => {
    for (const id of oldest.splice(0, 20)) await box.approve(id);
  });
  const { requests, settled } = await everything(connect);
  expect(placed.filter(({ id }) => !requests.has(id))).toEqual([]);
  expect(settled).toBe(true);
});

test('a list of one page is read once, a longer one that does not change twice', async () => {
  const { plain } = box.sandbox.products;
  await box.control.placeOrders({ type: 'purchase', product: plain, count: 1_000 });
  const { connect, read } = disturbed(() => undefined);
  await everything(connect);
  expect(read()).toBe(1);
  await box.control.placePurchase({ product: plain });
  expect(await everything(connect)).toMatchObject({ settled: true, requests: { size: 1_001 } });
  expect(read()).toBe(1 + 2 * 2);
});

/** Connect with nothing but what each reading of its fulfillment requests gives, two pages each. */
function scripted(pages: (reading: number) => Partial<FulfillmentRequest>[]): Client {
  let readings = 0;
  const page = (items: unknown[], unreadable: unknown[] = []) => ({
    items,
    unreadable,
    total: undefined,
    answeredAt: '',
  });
  async function* list() {
    readings++;
    yield page(
      [],
      [{ problem: 'with id not as expected' }, { id: 'PR-broken', problem: 'with asset not as expected' }],
    );
    yield page(pages(readings).map((item) => ({ ...item, asset: { id: 'AS-1', product: { id: 'PRD-1' } } })));
  }
  async function* nothing() {
    yield page([]);
  }
  return { requests: { list }, tierConfigRequests: { list: nothing } } as unknown as Client;
}

test('a list that brings something new each time is not read for ever, and says that it may not be all', async () => {
  const { requests, settled } = await everything(scripted((reading) => [{ id: `PR-${reading}` }]));
  expect([...requests.keys()]).toEqual(['PR-broken', 'PR-1', 'PR-2', 'PR-3', 'PR-4', 'PR-5']);
  expect(settled).toBe(false);
});

test('what cannot be read is told once, however often it was listed', async () => {
  const { unreadable, settled } = await everything(scripted(() => [{ id: 'PR-1' }]));
  expect([...unreadable.values()].map(({ id }) => id)).toEqual([undefined, 'PR-broken']);
  expect(settled).toBe(true);
});
