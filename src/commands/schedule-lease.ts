import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { google } from '@temporalio/proto';
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
  await extend(client, leaseMs);
  // Where one fails, because the server is away for a moment or somebody has deleted the schedule, there is a next one in time.
  const timer = setInterval(() => void extend(client, leaseMs).catch(() => undefined), leaseMs / 4);
  timer.unref();
  return () => clearInterval(timer);
}

/** Not by the SDK's `update`, which writes over what somebody changes at that moment: with its token the server leaves out this one instead. */
async function extend({ workflowService, options: { namespace } }: Client, leaseMs: number): Promise<void> {
  const of = { namespace, scheduleId: POLL_SCHEDULE_ID };
  const { schedule, conflictToken } = await workflowService.describeSchedule(of);
  const endTime = timestamp(Date.now() + leaseMs);
  await workflowService.updateSchedule({
    ...of,
    schedule: { ...schedule, spec: { ...schedule?.spec, endTime } },
    conflictToken,
    requestId: randomUUID(),
  });
}

function timestamp(ms: number) {
  return google.protobuf.Timestamp.fromObject({ seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 });
}
