import { setTimeout as pause } from 'node:timers/promises';
import { POLL_SCHEDULE_ID } from '../src/domain/ids';
import type { PollResult } from '../src/domain/poll';
import { openRuns } from '../src/temporal/request-runs';
import type { Stack } from '../src/commands/stack';
import { costOf } from './process-cost';
import { percentile } from './statistics';

/** What a round costs in which nothing is to be done. */
export interface IdleFigures {
  openRequests: number;
  rounds: number;
  durationMsP50: number;
  connectCallsPerRound: number;
  workerCpuMsPerRound: number | undefined;
}

const ROUNDS = 10;

/**
 * Parks so many requests (their worker has a vendor of which nothing is written yet), waits until the rounds have seen them and find nothing new, and
 * measures rounds.
 */
export async function measureIdleRounds(
  { control, client, startWorker }: Stack,
  openRequests: number,
  report: (line: string) => void,
): Promise<IdleFigures> {
  await control.setLatency(0);
  const worker = await startWorker({ EXAMPLE_VENDOR: '' });
  const round = () => oneRound(client);
  if (openRequests > 0) {
    await control.placeOrders({ type: 'purchase', product: control.sandbox.products.plain, count: openRequests });
    await round();
    for (let parked = 0; parked < openRequests;) {
      await pause(500);
      parked = 0;
      for await (const _ of openRuns(client, 'parked')) parked++;
      report(`${parked} of ${openRequests} parked`);
    }
  }
  for (let { result } = await round(); result.running > 0 || result.sweep; { result } = await round()) {
    report(`what changed in the last minute is looked at again: ${result.running} requests`);
    await pause(1000);
  }

  const before = costOf(worker.pid);
  await control.clearCounters();
  const durations: number[] = [];
  for (let n = 0; n < ROUNDS; n++) durations.push((await round()).durationMs);
  const { calls } = await control.counters();
  const after = costOf(worker.pid);

  await worker.stop();
  return {
    openRequests,
    rounds: ROUNDS,
    durationMsP50: percentile(durations, 0.5),
    connectCallsPerRound: calls.reduce((total, { count }) => total + count, 0) / ROUNDS,
    workerCpuMsPerRound: before && after && (after.cpuMs - before.cpuMs) / ROUNDS,
  };
}

/** Triggers a round and waits for its end: after one that runs still. The schedule itself is paused meanwhile. */
async function oneRound(client: Stack['client']): Promise<{ result: PollResult; durationMs: number }> {
  const schedule = client.schedule.getHandle(POLL_SCHEDULE_ID);
  const { numActionsTaken } = (await schedule.describe()).info;
  await schedule.trigger('BUFFER_ONE');
  for (;;) {
    const { info } = await schedule.describe();
    const action = info.recentActions.at(-1)?.action;
    if (info.numActionsTaken > numActionsTaken && action?.type === 'startWorkflow') {
      const handle = client.workflow.getHandle(action.workflow.workflowId, action.workflow.firstExecutionRunId);
      const result = (await handle.result()) as PollResult;
      const { startTime, closeTime } = await handle.describe();
      return { result, durationMs: (closeTime?.getTime() ?? NaN) - startTime.getTime() };
    }
    await pause(20);
  }
}
