import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import type { Client } from '@temporalio/client';
import type { Stack } from '../../src/commands/stack';
import { describeSchedule } from '../../src/temporal/schedules';

const LAST_LINES = 20;
const MOST_RUNS = 50; // each is asked for, and there may be hundreds

/** For a failure that comes once in many runs: how a stack stands after it, what Temporal cannot tell too, and the last words of its workers. */
export async function whatIsLeft({ client, folder }: Stack): Promise<string> {
  const [schedule, open] = await Promise.allSettled([pollSchedule(client), openRuns(client)]);
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'));
  return [
    `A test of this stack has failed. Its logs are left in ${folder}. How it stands at ${new Date().toISOString()}:`,
    inspect({ schedule, open }, { depth: 6 }),
    ...logs.flatMap((name) => [`The last lines of ${name}:`, ...lastLines(path.join(folder, name))]),
  ].join('\n');
}

async function pollSchedule(client: Client): Promise<object | undefined> {
  const schedule = await describeSchedule(client);
  if (!schedule) return undefined;
  const { numActionsTaken, numActionsSkippedOverlap, recentActions, nextActionTimes } = schedule.info;
  const [last, next] = [recentActions.at(-1)?.takenAt, nextActionTimes[0]];
  return { ...schedule.state, numActionsTaken, numActionsSkippedOverlap, last, next };
}

/** With what Temporal waits for in each; of many the newest. */
async function openRuns(client: Client): Promise<object[]> {
  const open: object[] = [];
  for await (const { workflowId } of client.workflow.list({ query: 'ExecutionStatus = "Running"' })) {
    const { raw, type, startTime } = await client.workflow.getHandle(workflowId).describe();
    const steps = raw.pendingActivities?.map(({ activityType, attempt, lastStartedTime, lastFailure }) => ({
      step: activityType?.name,
      attempt,
      isStarted: Boolean(lastStartedTime),
      failure: lastFailure?.message,
    }));
    open.push({ workflowId, type, startTime, steps, workflowTaskAttempt: raw.pendingWorkflowTask?.attempt });
    if (open.length === MOST_RUNS) break;
  }
  return open;
}

const lastLines = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LAST_LINES);
