import type { Client } from '@temporalio/client';
import { POLL_SCHEDULE_ID } from '../domain/ids';

/** So long do rounds go on after the death of the process that wanted them. It bears clocks that differ by some minutes. */
const LEASE_MS = 60 * 60_000;

/**
 * Gives the schedule an end, and puts it off for as long as this process lives. Who is killed deletes nothing: on a server that lives on, the
 * rounds then end by themselves. What else is changed about the schedule meanwhile stays.
 *
 * @returns ends putting it off
 */
export async function leaseSchedule(client: Client, leaseMs = LEASE_MS): Promise<() => void> {
  const schedule = client.schedule.getHandle(POLL_SCHEDULE_ID);
  const extend = () =>
    schedule.update((previous) => ({
      ...previous,
      spec: { ...previous.spec, endAt: new Date(Date.now() + leaseMs) },
    }));
  await extend();
  // Where one fails, because the server is away for a moment or somebody has deleted the schedule, there is a next one in time.
  const timer = setInterval(() => void extend().catch(() => undefined), leaseMs / 4);
  timer.unref();
  return () => clearInterval(timer);
}
