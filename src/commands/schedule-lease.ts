import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { google } from '@temporalio/proto';
import { describeSchedule } from '../temporal/schedules';

/** So long do schedules go on after the death of the process that wanted them. It bears clocks that differ by some minutes. */
const LEASE_MS = 60 * 60_000;

/**
 * Gives schedules an end, and puts it off for as long as this process lives. Who is killed deletes nothing: on a server that lives on, they
 * then start nothing more by themselves. What else is changed about them meanwhile stays.
 *
 * @returns ends putting it off
 */
export async function leaseSchedules(client: Client, ids: readonly string[], leaseMs = LEASE_MS): Promise<() => void> {
  const extendAll = () => Promise.allSettled(ids.map((id) => extend(client, id, leaseMs)));
  for (const result of await extendAll()) if (result.status === 'rejected') throw result.reason;
  // Where one fails later, because the server is away for a moment, there is a next one in time.
  const timer = setInterval(() => void extendAll(), leaseMs / 4);
  timer.unref();
  return () => clearInterval(timer);
}

/** Not by the SDK's `update`, which writes over what somebody changes at that moment: with its token the server leaves out this one instead. */
async function extend(client: Client, scheduleId: string, leaseMs: number): Promise<void> {
  const description = await describeSchedule(client, scheduleId);
  if (!description) return; // somebody has deleted it
  const { schedule, conflictToken } = description.raw;
  const endTime = timestamp(Date.now() + leaseMs);
  await client.workflowService.updateSchedule({
    namespace: client.options.namespace,
    scheduleId,
    schedule: { ...schedule, spec: { ...schedule?.spec, endTime } },
    conflictToken,
    requestId: randomUUID(),
  });
}

function timestamp(ms: number) {
  return google.protobuf.Timestamp.fromObject({ seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 });
}
