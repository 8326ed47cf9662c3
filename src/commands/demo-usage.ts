import { setTimeout as pause } from 'node:timers/promises';
import { DEFAULT_TASK_QUEUE } from '../domain/ids';
import { DEFAULT_PATIENCE } from '../domain/request-run';
import { monthBefore, usageReportId } from '../domain/usage';
import { reprocess } from '../temporal/request-runs';
import { startUsageReport, usageRun } from '../temporal/usage-runs';
import type { Stack } from './stack';

const PLACES = ['MP-10001', 'MP-10002'];
const PATIENCE_MS = 60_000;

/**
 * The story of a month's usage: subscriptions under two contracts, a usage file for each, both accepted by the distributor.
 *
 * @param signal that it is to end early: it throws then
 * @returns true where each file was created, uploaded and submitted once, and its workflow has ended
 */
export async function showUsage(
  { client, control, sandbox }: Stack,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const productId = sandbox.products.usage;
  for (const marketplace of PLACES) await control.seedSubscriptions({ product: productId, marketplace, count: 2 });
  const of = { productId, period: monthBefore(new Date().toISOString().slice(0, 7)) };
  say(`\nUsage of ${of.period}: workflow ${usageReportId(of)}`);
  await startUsageReport(client, of, { taskQueue: DEFAULT_TASK_QUEUE, patience: DEFAULT_PATIENCE });

  const pending = ({ status }: { status: string }) => status === 'pending';
  const files = await control.usage.untilFiles(
    (all) => all.length === PLACES.length && all.every(pending),
    PATIENCE_MS,
  );
  for (const { id, contract, currency, records } of files) {
    say(`  ${id}  ${contract.id}  ${records.valid} records in ${currency}, submitted`);
    await control.usage.accept(id, 'thank you');
  }
  const ended: string[] = [];
  for (const { external_id: id } of files) ended.push(await untilEnded(client, id, signal)); // at once, one could ask on after the other's end
  const once = (await control.usage.files()).every(({ effects }) =>
    [effects['create'], effects['upload'], effects['submit']].every((count) => count === 1),
  );
  const ok = once && ended.every((outcome) => outcome === 'accepted');
  say(`  ${ok ? 'ok   ' : 'WRONG'} expected: one file a contract, accepted; came out: ${ended.join(', ')}`);
  return ok;
}

/** Looks until the workflow of a usage file has ended; tells it to look now, since by itself it looks once a minute. */
async function untilEnded(client: Stack['client'], id: string, signal: AbortSignal): Promise<string> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const run = await usageRun(client, id);
    if (run?.result) return run.result.outcome;
    if (Date.now() >= end) return run?.progress?.step ?? 'no run';
    if (run?.progress?.nextAttempt) await reprocess(client, id, { by: 'the demo' });
    await pause(500, undefined, { signal });
  }
}
