import { type Client, type ScheduleDescription, type ScheduleHandle, WorkflowNotFoundError } from '@temporalio/client';
import { Command } from 'commander';
import { type CommandContext, EXIT } from './command';
import { POLL_SCHEDULE_ID, usageScheduleId } from '../domain/ids';
import type { PollResult } from '../domain/poll';
import { withTemporal } from '../temporal/client';
import {
  applySchedules,
  changeSchedule,
  describeSchedule,
  usageSchedules,
  usageTimeInWords,
} from '../temporal/schedules';
import { registerSearchAttributes } from '../temporal/search-attributes';
import { print, printError, printTable } from './print';
import { usageTimesOf } from './vendors';

export function schedulesCommand(command: Command, context: CommandContext, exit: (code: number) => void): Command {
  return command
    .addCommand(apply(context))
    .addCommand(pause())
    .addCommand(resume())
    .addCommand(trigger())
    .addCommand(show(exit));
}

function apply(context: CommandContext): Command {
  return new Command('apply')
    .description('Register the search attributes and make the schedules match the configuration; safe to repeat')
    .option('--take-over', 'move a schedule to TASK_QUEUE although another deployment may live by it')
    .action(async ({ takeOver }: { takeOver?: boolean }) => {
      const config = context.config();
      const vendors = await context.vendors(config);
      const usageTimes = usageTimesOf(config, vendors);
      await withTemporal(async ({ client, namespace }) => {
        const added = await registerSearchAttributes(client);
        print(
          added.length > 0 ? `search attributes registered: ${added.join(', ')}` : 'search attributes are registered',
        );
        for (const { id, done } of await applySchedules(client, { ...config, usageTimes, takeOver })) {
          const time = usageTimes.find(({ productId }) => usageScheduleId(productId) === id);
          const when = time
            ? `, ${usageTimeInWords(time)}`
            : id === POLL_SCHEDULE_ID
              ? `, every ${config.pollIntervalMs / 1000} s`
              : '';
          print(`schedule ${id} ${done} in namespace ${namespace}${when}`);
        }
      });
    });
}

const PAUSED_BY = 'paused by connect-processor schedules pause';

function pause(): Command {
  return new Command('pause')
    .argument('[id]', 'usage-PRD-… for the usage of a product', POLL_SCHEDULE_ID)
    .description("Stop polling, or the reports of a product's usage; what is in flight goes on")
    .option('--note <text>', 'why, for whoever looks next', PAUSED_BY)
    .action(async (id: string, options: { note: string }) => {
      const note = options.note || PAUSED_BY; // with an empty one Temporal pauses nothing
      const isBusy = await withSchedule(id, async (schedule, client) => {
        const pause = () => schedule.pause(note);
        const { info } = await changeSchedule(client, id, pause, ({ state }) => state.paused && state.note === note);
        return info.runningActions.length > 0;
      });
      const polls = id === POLL_SCHEDULE_ID;
      const resume = ['connect-processor schedules resume', ...(polls ? [] : [id])].join(' ');
      if (isBusy) print(polls ? ROUND_GOES_ON : 'a report that has begun goes on');
      print(`paused: it starts nothing${isBusy ? ' more' : ''} until \`${resume}\``);
    });
}

function resume(): Command {
  return new Command('resume')
    .argument('[id]', 'usage-PRD-… for the usage of a product', POLL_SCHEDULE_ID)
    .description("Go on polling, or with the reports of a product's usage")
    .action(async (id: string) => {
      await withSchedule(id, (schedule, client) => {
        const unpause = () => schedule.unpause('resumed by connect-processor schedules resume');
        return changeSchedule(client, id, unpause, ({ state }) => !state.paused);
      });
      print('resumed');
    });
}

function trigger(): Command {
  return new Command('trigger')
    .description('Start a round now; after the one in progress, if there is one')
    .action(async () => {
      // The default would run beside a round in progress, and without its memory.
      await withSchedule(POLL_SCHEDULE_ID, (schedule) => schedule.trigger('BUFFER_ONE'));
      print('triggered');
    });
}

function show(exit: (code: number) => void): Command {
  return new Command('show')
    .description('State, next and last rounds')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const shown = await withTemporal(async ({ client }) => {
        const description = await describeSchedule(client);
        if (!description) return undefined;
        const usage = await usageSchedules(client);
        return { ...summary(description), lastRound: await lastRound(client, description), usage: usage.map(inShort) };
      });
      if (!shown) {
        printError(NO_SCHEDULE);
        exit(EXIT.failed);
      } else if (json) print(JSON.stringify(shown, null, 2));
      else printTable(inWords(shown));
    });
}

const NO_SCHEDULE = 'There is no schedule yet. Create it: connect-processor schedules apply';

const ROUND_GOES_ON =
  'a round has begun, or waits for a worker, and goes on: it starts every request that is pending in Connect';

async function withSchedule<T>(id: string, use: (schedule: ScheduleHandle, client: Client) => Promise<T>): Promise<T> {
  return await withTemporal(async ({ client }) => {
    if (!(await describeSchedule(client, id))) throw new Error(await withoutSchedule(client, id));
    return await use(client.schedule.getHandle(id), client);
  });
}

/** What is said where a schedule is not there: which are, since it may be a slip of the pen. */
async function withoutSchedule(client: Client, id: string): Promise<string> {
  const ids = (await usageSchedules(client)).map(({ scheduleId }) => scheduleId);
  if (await describeSchedule(client)) ids.unshift(POLL_SCHEDULE_ID);
  if (id === POLL_SCHEDULE_ID || ids.length === 0) return NO_SCHEDULE;
  return `There is no schedule "${id}". There are: ${ids.join(', ')}. What the configuration has beside these, \`connect-processor schedules apply\` creates.`;
}

/** The schedule of a product's usage. */
function inShort({ scheduleId: id, state, info }: ScheduleDescription) {
  return {
    id,
    state: state.paused ? `paused: ${state.note ?? ''}` : 'running',
    next: nextTime(state, info),
    last: info.recentActions.at(-1)?.action.workflow.workflowId ?? '',
  };
}

/** Empty where there is none: Temporal tells the times of a schedule that is paused too. */
function nextTime({ paused }: ScheduleDescription['state'], { nextActionTimes: [next] }: ScheduleDescription['info']) {
  return paused ? '' : (next?.toISOString() ?? '');
}

function summary({ state, info, spec }: ScheduleDescription) {
  return {
    state: state.paused ? `paused: ${state.note ?? ''}` : 'running',
    everySeconds: everySeconds(spec),
    next: nextTime(state, info),
    rounds: info.numActionsTaken,
    skippedSinceOneWasRunning: info.numActionsSkippedOverlap,
    missed: info.numActionsMissedCatchupWindow,
  };
}

/** Undefined where somebody has given the schedule a calendar in place of our interval. */
function everySeconds({ intervals: [interval] = [] }: ScheduleDescription['spec']): number | undefined {
  return interval && Number(interval.every) / 1000;
}

/** The result of the most recent round, or since when it runs, or how it ended. */
async function lastRound(client: Client, { info }: ScheduleDescription): Promise<PollResult | string> {
  const recent = info.recentActions.at(-1)?.action.workflow.workflowId;
  if (recent === undefined) return 'none yet';
  const handle = client.workflow.getHandle<() => Promise<PollResult>>(recent);
  try {
    const { status, startTime } = await handle.describe();
    if (status.name === 'RUNNING') return `running since ${startTime.toISOString()}`;
    return status.name === 'COMPLETED' ? await handle.result() : status.name.toLowerCase().replaceAll('_', ' ');
  } catch (error) {
    if (error instanceof WorkflowNotFoundError)
      return 'no longer kept: it is older than the retention of the namespace';
    throw error;
  }
}

type Shown = ReturnType<typeof summary> & {
  lastRound: PollResult | string;
  usage: ReturnType<typeof inShort>[];
};

function inWords({ lastRound: last, usage, ...shown }: Shown): string[][] {
  return [
    ['state', shown.state],
    ['a round', shown.everySeconds === undefined ? BY_CALENDAR : `every ${shown.everySeconds} s`],
    ['next', shown.next || 'none'],
    ['rounds', String(shown.rounds)],
    ['skipped', `${shown.skippedSinceOneWasRunning}, since one was running`],
    ['missed', String(shown.missed)],
    ['last round', typeof last === 'string' ? last : roundInWords(last)],
    ...usage.map(({ id, state, next, last: run }) => [
      id,
      `${state}; next ${next || 'none'}; last ${run || 'none yet'}`,
    ]),
  ];
}

const BY_CALENDAR =
  'by a calendar that somebody has set; `connect-processor schedules apply` makes it POLL_INTERVAL again';

const MOST_HELD = 10;

/** The counts by the names that docs/operate.md explains. */
export function roundInWords({ sweep, held, ...round }: PollResult): string {
  const { started, running, behind, left, unhandled, troubled, rechecked, overdue } = round;
  const reasons = Object.entries(left ?? {}).filter(([, count]) => count > 0);
  const counts = Object.entries({ started, running, behind, unhandled, troubled, rechecked, overdue });
  const shown = held.length > MOST_HELD ? [...held.slice(0, MOST_HELD), `${held.length - MOST_HELD} more`] : held;
  return [
    `listed ${sweep ? 'everything that is pending' : 'what has changed'}`,
    counts.flatMap(([name, count]) => (count === undefined ? [] : `${count} ${name}`)).join(', '),
    ...(reasons.length > 0 ? [`left: ${reasons.map(([reason, count]) => `${count} by ${reason}`).join(', ')}`] : []),
    ...(held.length > 0 ? [`held: ${shown.join(', ')}`] : []),
  ].join('; ');
}
