import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { POLL_SCHEDULE_ID } from '../domain/ids';
import { describeSchedule } from '../temporal/schedules';

/** Milliseconds from one round to the next, however many processes wake them. */
const SPACING_MS = 500;
/** How long Temporal has for all of it: whoever ends waits for that. */
const DEADLINE_MS = 10_000;

/** What came of it; `met` where another process has woken a round meanwhile, which sees the same. */
export type Wake = 'triggered' | 'met' | 'paused';

/**
 * Sees to a round that begins after this call: after the one in progress where there is one, and half a second after the last. A schedule that
 * somebody has paused stays silent.
 *
 * @throws Error where there is no schedule, or Temporal does not answer in time
 */
export async function wakeRound(client: Client, deadlineMs = DEADLINE_MS): Promise<Wake> {
  const end = Date.now() + deadlineMs;
  return await client.connection.withDeadline(end, async () => {
    const before = await look(client, end);
    const age = Date.now() - (before.info.recentActions.at(-1)?.takenAt.getTime() ?? 0);
    if (age >= SPACING_MS) return await trigger(client, before);
    await pause(Math.min(SPACING_MS - age, SPACING_MS)); // the server's clock may be ahead
    const now = await look(client, end);
    return now.info.numActionsTaken > before.info.numActionsTaken ? 'met' : await trigger(client, now);
  });
}

async function look(client: Client, end: number) {
  const schedule = await describeSchedule(client, POLL_SCHEDULE_ID, end - Date.now());
  if (!schedule) throw new Error('There is no schedule yet: run `connect-processor schedules apply` once.');
  return schedule;
}

/** One that runs may have listed before, so another comes after it. Where none ran, one that runs by now was woken meanwhile, and will do. */
async function trigger(client: Client, { state, info }: Awaited<ReturnType<typeof look>>): Promise<Wake> {
  if (state.paused) return 'paused';
  await client.schedule.getHandle(POLL_SCHEDULE_ID).trigger(info.runningActions.length > 0 ? 'BUFFER_ONE' : 'SKIP');
  return 'triggered';
}
