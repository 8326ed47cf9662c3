import { setTimeout as pause } from 'node:timers/promises';
import type { Stack } from '../src/commands/stack';
import { costOf } from './process-cost';
import { percentile } from './statistics';

/** What N purchases, placed at once, came to. Times in milliseconds unless the name says otherwise. */
export interface PurchaseFigures {
  purchases: number;
  latencyMs: number;
  perSecond: number;
  orderToApprovedP50: number;
  orderToApprovedP95: number;
  /** Calls about one request: read, save, approve. Lists and templates stand apart. */
  connectCallsPerPurchase: number;
  otherConnectCalls: number;
  historyEvents: { least: number; most: number };
  workerCpuMsPerPurchase: number | undefined;
  workerPeakMb: number | undefined;
}

/**
 * Places orders and waits until all are approved.
 *
 * @throws Error where one fails, is approved twice, or gets a second subscription: a figure for wrong work is no figure
 */
export async function measurePurchases(
  { control, client, startWorker }: Stack,
  purchases: number,
  latencyMs: number,
  report: (line: string) => void,
): Promise<PurchaseFigures> {
  await control.setLatency(latencyMs);
  const worker = await startWorker();
  await control.clearCounters();
  const before = costOf(worker.pid);

  const orders = await control.placeOrders({
    type: 'purchase',
    product: control.sandbox.products.plain,
    count: purchases,
  });
  for (let approved = 0; approved < purchases;) {
    await pause(500); // seldom: looking costs the cores that are measured
    ({ approved = 0 } = (await control.counts()).requests);
    report(`${approved} of ${purchases} approved`);
  }
  const after = costOf(worker.pid);

  const { calls, effects } = await control.counters();
  const { doubledTenants, tenants } = await control.counts();
  const doubled = orders.filter(({ id }) => effects[id]?.['approve'] !== 1);
  if (doubled.length > 0 || doubledTenants.length > 0 || tenants !== purchases) {
    throw new Error(`not once: approvals of ${doubled.length} orders, ${tenants} tenants for ${purchases} purchases`);
  }
  const times = await Promise.all(orders.map(async ({ id }) => timesOf(await control.timeline(id))));
  const elapsed = Math.max(...times.map(({ approved }) => approved)) - Math.min(...times.map(({ placed }) => placed));
  const waits = times.map(({ placed, approved }) => approved - placed);
  const connect = calls.filter(({ api }) => api === 'connect');
  const aboutOne = connect.filter(({ path }) => path.startsWith('/requests/{id}'));
  const events = await eventsOf(
    client,
    orders.slice(0, 20).map(({ id }) => id),
  );

  await worker.stop();
  return {
    purchases,
    latencyMs,
    perSecond: purchases / (elapsed / 1000),
    orderToApprovedP50: percentile(waits, 0.5),
    orderToApprovedP95: percentile(waits, 0.95),
    connectCallsPerPurchase: sum(aboutOne) / purchases,
    otherConnectCalls: sum(connect) - sum(aboutOne),
    historyEvents: { least: Math.min(...events), most: Math.max(...events) },
    workerCpuMsPerPurchase: after && before && (after.cpuMs - before.cpuMs) / purchases,
    workerPeakMb: after?.peakMb,
  };
}

const sum = (calls: readonly { count: number }[]) => calls.reduce((total, { count }) => total + count, 0);

/** When an order was placed and when it was approved, by the sandbox's clock in milliseconds. */
export function timesOf(timeline: readonly { at: string; action: string; to: string }[]) {
  const at = (wanted: (step: { action: string; to: string }) => boolean) => Date.parse(timeline.find(wanted)?.at ?? '');
  return { placed: at(({ action }) => action === 'create'), approved: at(({ to }) => to === 'approved') };
}

/** Connect shows `approved` a moment before the run is closed, so its end is waited for. */
async function eventsOf(client: Stack['client'], ids: readonly string[]): Promise<number[]> {
  return await Promise.all(
    ids.map(async (id) => {
      const handle = client.workflow.getHandle(id);
      await handle.result();
      return (await handle.describe()).historyLength;
    }),
  );
}
