import path from 'node:path';
import { expect, test } from '@jest/globals';
import { waitFor } from '../support/wait-for';
import { useStack } from './use-stack';

const processor = useStack({
  settings: { CONNECT_REQUESTS_PER_SECOND: '50' }, // the default, by which a worker has its places
  file: ({ products }) => ({
    vendors: { products: { [products.faulty]: path.join(__dirname, 'fixtures/hanging-vendor.cjs') } },
  }),
});

const HANGING = 150;

/** How many activities the worker is at. */
async function underWay(): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${processor.worker.metricsPort}/metrics`);
  const used = /^temporal_worker_task_slots_used\{[^}]*worker_type="ActivityWorker"[^}]*\} (\d+)$/m;
  return Number(used.exec(await answer.text())?.[1] ?? 0);
}

test(`${HANGING} handlers that never return hold up nobody else, of another product or of the same`, async () => {
  const { control, stack, worker } = processor;
  const { plain, faulty } = stack.sandbox.products;
  await control.placeOrders({ type: 'purchase', product: faulty, count: HANGING });
  await waitFor('all to hang', underWay, (count) => count >= HANGING, 50_000);

  const others = [
    await control.placePurchase({ product: plain }),
    await control.placePurchase({ product: faulty, admin_email: 'fine@customer.example' }),
  ];
  for (const other of others)
    expect(await processor.outcomeOf(other)).toMatchObject({ status: 'approved', approvals: 1 });
  expect(await underWay()).toBeGreaterThanOrEqual(HANGING); // the time of none was over by then
  await worker.stop('SIGKILL'); // what comes of each is for the tests of one: it would take minutes
}, 120_000);
