import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleOptions,
} from '@temporalio/client';
import { POLL_SCHEDULE_ID, WORKFLOW_TYPE } from '../domain/ids';

/** The schedules as data. A round that is still running is never doubled: the next one is skipped and counted. */
export function schedules({
  taskQueue,
  pollIntervalMs,
}: {
  taskQueue: string;
  pollIntervalMs: number;
}): ScheduleOptions[] {
  return [
    {
      scheduleId: POLL_SCHEDULE_ID,
      spec: { intervals: [{ every: pollIntervalMs }] },
      action: {
        type: 'startWorkflow',
        workflowType: WORKFLOW_TYPE.poll,
        workflowId: POLL_SCHEDULE_ID,
        taskQueue,
        args: [],
        workflowRunTimeout: '15 m',
        workflowTaskTimeout: '5 s',
      },
      policies: { overlap: 'SKIP', catchupWindow: '1 m', pauseOnFailure: false },
      memo: { purpose: 'Starts a workflow for every request that is pending in Connect' },
    },
  ];
}

/**
 * Makes the server's schedules match. What exists is updated and never recreated, so an operator's pause and note stay, and so does the
 * memory of the last round.
 *
 * @returns what was done to each
 */
export async function applySchedules(
  client: Client,
  options: { taskQueue: string; pollIntervalMs: number },
): Promise<{ id: string; done: 'created' | 'updated' }[]> {
  const results: { id: string; done: 'created' | 'updated' }[] = [];
  for (const schedule of schedules(options)) {
    const id = schedule.scheduleId;
    try {
      await client.schedule.create(schedule);
      results.push({ id, done: 'created' });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      const { spec, action, policies } = schedule;
      await client.schedule.getHandle(id).update((previous) => ({ ...previous, spec, action, policies }));
      results.push({ id, done: 'updated' });
    }
  }
  return results;
}

/** @returns undefined where the schedule does not exist */
export async function describeSchedule(
  client: Client,
  id = POLL_SCHEDULE_ID,
): Promise<ScheduleDescription | undefined> {
  try {
    return await client.schedule.getHandle(id).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}
