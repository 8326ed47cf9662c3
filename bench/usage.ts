import { setTimeout as pause } from 'node:timers/promises';
import type { Stack } from '../src/commands/stack';
import { startUsageReport, usageRun } from '../src/temporal/usage-runs';
import { DEFAULT_TASK_QUEUE } from '../src/domain/ids';
import { DEFAULT_PATIENCE } from '../src/domain/request-run';
import { costOf } from './process-cost';

/** What the report of a month costs, from its start until its file is handed to the distributor. */
export interface UsageFigures {
  records: number;
  seconds: number;
  uploads: number;
  workerCpuMs: number | undefined;
  workerPeakMb: number | undefined;
}

const PERIOD = '2026-10';
const SUBSCRIPTIONS = 1000;
const ITEMS = 2;

/** @param records of the month, in one usage file; rounded to a multiple of 2,000 */
export async function measureUsage(
  { control, client, sandbox, startWorker }: Stack,
  records: number,
  latencyMs: number,
  report: (line: string) => void,
): Promise<UsageFigures> {
  const recordsPerItem = Math.max(Math.round(records / SUBSCRIPTIONS / ITEMS), 1);
  const productId = sandbox.products.usage;
  await control.setLatency(latencyMs);
  await control.set({ vendorUsageRecordsPerItem: recordsPerItem });
  await control.seedSubscriptions({ product: productId, count: SUBSCRIPTIONS });
  const worker = await startWorker();
  const begun = Date.now();
  const of = { productId, period: PERIOD };
  await startUsageReport(client, of, { taskQueue: DEFAULT_TASK_QUEUE, patience: DEFAULT_PATIENCE });
  for (;;) {
    const [file] = await control.usage.files();
    if (file?.status === 'pending') break;
    const run = await usageRun(client, `usage-${productId}-${PERIOD}`);
    if (run?.progress && run.progress.phase !== 'running') throw new Error(run.progress.reason);
    report(`${run?.progress?.step ?? run?.status ?? ''}; the file is ${file?.status ?? 'not there yet'}`);
    await pause(250);
  }
  const seconds = (Date.now() - begun) / 1000;
  const [file] = await control.usage.files();
  const cost = costOf(worker.pid);
  await worker.stop();
  return {
    records: file?.records.valid ?? 0,
    seconds,
    uploads: file?.effects['upload'] ?? 0,
    workerCpuMs: cost?.cpuMs,
    workerPeakMb: cost?.peakMb,
  };
}
