import {
  type Client,
  isGrpcDeadlineError,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ServiceError,
} from '@temporalio/client';
import { POLL_SCHEDULE_ID, usageScheduleId, WORKFLOW_TYPE } from '../domain/ids';
import type { Patience } from '../domain/request-run';
import type { ScheduledUsageInput } from '../domain/usage';

/** When the usage of a product is reported. */
export interface UsageTime {
  productId: string;
  /** Of the month, 1 to 28. */
  day: number;
  /** `05:17` */
  time: string;
  timeZone: string;
}

/** `monthly on day 5 at 05:17 UTC` */
export const usageTimeInWords = ({ day, time, timeZone }: UsageTime) => `monthly on day ${day} at ${time} ${timeZone}`;

export interface ScheduleSettings {
  taskQueue: string;
  pollIntervalMs: number;
  /** Of each product whose usage is reported; default none. */
  usageTimes?: readonly UsageTime[] | undefined;
  patience?: Patience | undefined;
}

/** The schedules as data. */
export function schedules(settings: ScheduleSettings): ScheduleOptions[] {
  return [pollSchedule(settings), ...(settings.usageTimes ?? []).map((time) => usageSchedule(time, settings))];
}

/** A round that is still running is never doubled: the next one is skipped and counted. */
function pollSchedule({ taskQueue, pollIntervalMs }: ScheduleSettings): ScheduleOptions {
  return {
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
  };
}

/**
 * A month that nobody could report in time is made good within a week; the time that the schedule names says which month is meant. Each due
 * time is run, one after another: a backfill of several months means each of them.
 */
function usageSchedule(
  { productId, day, time, timeZone }: UsageTime,
  { taskQueue, patience }: ScheduleSettings,
): ScheduleOptions {
  const [hour, minute] = time.split(':').map(Number);
  const input: ScheduledUsageInput = { productId, timeZone, patience };
  return {
    scheduleId: usageScheduleId(productId),
    spec: { calendars: [{ dayOfMonth: day, hour: hour ?? 0, minute: minute ?? 0 }], timezone: timeZone },
    action: {
      type: 'startWorkflow',
      workflowType: WORKFLOW_TYPE.scheduledUsage,
      workflowId: usageScheduleId(productId),
      taskQueue,
      args: [input],
      workflowTaskTimeout: '5 s',
    },
    policies: { overlap: 'BUFFER_ALL', catchupWindow: '7 days', pauseOnFailure: false },
    memo: { purpose: `Reports each month what was used of ${productId} in the month before` },
  };
}

export interface ApplyOptions extends ScheduleSettings {
  /** True to move a schedule to this task queue although another deployment may live by it; default false. */
  takeOver?: boolean | undefined;
}

export interface AppliedSchedule {
  id: string;
  /** Deleted: the product's usage is not reported any more. */
  done: 'created' | 'updated' | 'deleted';
}

/**
 * Makes the server's schedules match. What exists is updated and never recreated, so an operator's pause and note stay, and so does the
 * memory of the last round.
 *
 * @returns what was done to each
 * @throws ScheduleTaken where one starts its rounds on another task queue, and nobody said to take it over
 */
export async function applySchedules(
  client: Client,
  { takeOver = false, ...options }: ApplyOptions,
): Promise<AppliedSchedule[]> {
  const results: AppliedSchedule[] = [];
  for (const schedule of schedules(options)) {
    const id = schedule.scheduleId;
    try {
      await client.schedule.create(schedule);
      results.push({ id, done: 'created' });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      const { spec, action, policies } = schedule;
      const handle = client.schedule.getHandle(id);
      let before: Date | undefined;
      const update = () =>
        handle.update((previous) => {
          const { taskQueue } = previous.action;
          if (taskQueue !== options.taskQueue && !takeOver) throw new ScheduleTaken(id, taskQueue, options.taskQueue);
          before = previous.info.lastUpdatedAt;
          return { ...previous, spec, action, policies };
        });
      await changeSchedule(client, id, update, ({ info }) => info.lastUpdatedAt?.getTime() !== before?.getTime());
      results.push({ id, done: 'updated' });
    }
  }
  for (const id of await outdated(client, options)) {
    await client.schedule.getHandle(id).delete();
    results.push({ id, done: 'deleted' });
  }
  return results;
}

const MOST_TRIES = 5;

/**
 * Changes a schedule, and makes sure of it. Temporal says that it has taken a change, and carries it out a moment later: of two that come close
 * together it may leave out one, or let an update undo a pause that came after it. Who asks how the schedule stands gets the answer after that,
 * so nothing comes close to this one, and where it was left out it is made again.
 *
 * @throws Error where it does not show, however often it is made
 */
export async function changeSchedule(
  client: Client,
  id: string,
  change: () => Promise<void>,
  isMade: (description: ScheduleDescription) => boolean,
): Promise<ScheduleDescription> {
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    await change();
    const description = await describeSchedule(client, id);
    if (description && isMade(description)) return description;
  }
  throw new Error(
    `Temporal takes a change of the schedule "${id}" and does not carry it out: somebody else may be changing it. See \`temporal schedule describe --schedule-id ${id}\`, and run this again.`,
  );
}

/** Schedules of this deployment for products whose usage is not reported any more. */
async function outdated(client: Client, options: ScheduleSettings): Promise<string[]> {
  const wanted = new Set(schedules(options).map(({ scheduleId }) => scheduleId));
  const found = await usageSchedules(client);
  return found
    .filter(({ scheduleId, action }) => !wanted.has(scheduleId) && action.taskQueue === options.taskQueue)
    .map(({ scheduleId }) => scheduleId);
}

/** The schedules of products whose usage is reported, in the order of their ids. */
export async function usageSchedules(client: Client, withinMs?: number): Promise<ScheduleDescription[]> {
  const found: ScheduleDescription[] = [];
  for await (const { scheduleId, action } of client.schedule.list()) {
    if (action?.workflowType !== WORKFLOW_TYPE.scheduledUsage) continue;
    const description = await describeSchedule(client, scheduleId, withinMs); // gone meanwhile, perhaps
    if (description) found.push(description);
  }
  return found.sort((one, other) => (one.scheduleId < other.scheduleId ? -1 : 1));
}

/** The schedule serves another deployment, whose rounds would end without a word. */
export class ScheduleTaken extends Error {
  constructor(id: string, theirs: string, ours: string) {
    super(
      `The schedule "${id}" of this namespace starts its rounds on task queue "${theirs}", not on "${ours}". A namespace serves one deployment: give this one a namespace of its own (TEMPORAL_NAMESPACE), or set TASK_QUEUE to that queue. To move the schedule, and leave the other deployment without rounds: \`connect-processor schedules apply --take-over\`.`,
    );
    this.name = 'ScheduleTaken';
  }
}

/** Whether rounds begin by themselves. Where the schedule is paused, or there is none in this namespace, no round starts a run. */
export type Rounds = 'scheduled' | keyof typeof NO_ROUNDS;

/** Why no round begins, and how one would. */
export const NO_ROUNDS = {
  paused: 'the rounds are paused until `connect-processor schedules resume`',
  none: 'no schedule polls Connect until `connect-processor schedules apply`',
};

export async function roundsNow(client: Client): Promise<Rounds> {
  const schedule = await describeSchedule(client);
  if (!schedule) return 'none';
  return schedule.state.paused ? 'paused' : 'scheduled';
}

const WITHIN_MS = 30_000;
const ASKED_AGAIN_MS = 5_000;

/**
 * How a schedule stands. Temporal has it from the schedule's own workflow; a busy server, above all in a namespace that is new, may leave the
 * question without an answer: it is asked again.
 *
 * @param withinMs how long it may take; default 30 s
 * @returns undefined where the schedule does not exist
 */
export async function describeSchedule(
  client: Client,
  id = POLL_SCHEDULE_ID,
  withinMs = WITHIN_MS,
): Promise<ScheduleDescription | undefined> {
  const end = Date.now() + withinMs;
  for (;;) {
    const deadline = Math.min(Date.now() + ASKED_AGAIN_MS, end);
    try {
      return await client.connection.withDeadline(deadline, () => client.schedule.getHandle(id).describe());
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return undefined;
      const isLost = error instanceof ServiceError && isGrpcDeadlineError(error.cause);
      if (!isLost || deadline === end) throw error;
    }
  }
}
