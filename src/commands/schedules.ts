import type { ScheduleDescription } from '@temporalio/client';
import { Command } from 'commander';
import { type CommandContext, EXIT } from './command';
import { POLL_SCHEDULE_ID } from '../domain/ids';
import type { PollResult } from '../domain/poll';
import { type TemporalClient, withTemporal } from '../temporal/client';
import { applySchedules, describeSchedule } from '../temporal/schedules';
import { registerSearchAttributes } from '../temporal/search-attributes';
import { print, printTable } from './print';

export function schedulesCommand(context: CommandContext, exit: (code: number) => void): Command {
  const schedules = new Command('schedules').description('The Temporal schedule that polls Connect');

  schedules
    .command('apply')
    .description('Register the search attributes and make the schedules match the configuration; safe to repeat')
    .action(async () => {
      const { taskQueue, pollIntervalMs } = context.config();
      await withTemporal(async ({ client, namespace }) => {
        const added = await registerSearchAttributes(client);
        print(
          added.length > 0 ? `search attributes registered: ${added.join(', ')}` : 'search attributes are registered',
        );
        for (const { id, done } of await applySchedules(client, { taskQueue, pollIntervalMs })) {
          print(`schedule ${id} ${done} in namespace ${namespace}, every ${pollIntervalMs / 1000} s`);
        }
      });
    });

  schedules
    .command('pause')
    .description('Stop polling; requests in flight go on')
    .option('--note <text>', 'why, for whoever looks next')
    .action(async ({ note }: { note?: string }) => {
      await withSchedule(async (handle) => {
        await handle.pause(note ?? 'paused by connect-processor schedules pause');
        print('paused: no round starts until `connect-processor schedules resume`');
      });
    });

  schedules
    .command('resume')
    .description('Go on polling')
    .action(async () => {
      await withSchedule(async (handle) => {
        await handle.unpause('resumed by connect-processor schedules resume');
        print('resumed');
      });
    });

  schedules
    .command('trigger')
    .description('Start a round now; after the one in progress, if there is one')
    .action(async () => {
      await withSchedule(async (handle) => {
        await handle.trigger('BUFFER_ONE'); // the default would run beside a round in progress, and without its memory
        print('triggered');
      });
    });

  schedules
    .command('show')
    .description('State, next and last rounds')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      await withTemporal(async ({ client }) => {
        const description = await describeSchedule(client);
        if (!description) {
          exit(EXIT.failed);
          process.stderr.write(`${NO_SCHEDULE}\n`);
          return;
        }
        const shown = { ...summary(description), lastRound: await lastRound(client, description) };
        if (json) print(JSON.stringify(shown, null, 2));
        else
          printTable(
            Object.entries(shown).map(([name, value]) => [
              name,
              typeof value === 'string' ? value : JSON.stringify(value),
            ]),
          );
      });
    });

  return schedules;
}

const NO_SCHEDULE = 'There is no schedule yet. Create it: connect-processor schedules apply';

async function withSchedule(
  use: (handle: ReturnType<TemporalClient['client']['schedule']['getHandle']>) => Promise<void>,
): Promise<void> {
  await withTemporal(async ({ client }) => {
    if (!(await describeSchedule(client))) throw new Error(NO_SCHEDULE);
    await use(client.schedule.getHandle(POLL_SCHEDULE_ID));
  });
}

function summary({ state, info, spec }: ScheduleDescription) {
  return {
    state: state.paused ? `paused: ${state.note ?? ''}` : 'running',
    everySeconds: Number(spec.intervals?.[0]?.every) / 1000,
    next: info.nextActionTimes[0]?.toISOString() ?? '',
    rounds: info.numActionsTaken,
    skippedSinceOneWasRunning: info.numActionsSkippedOverlap,
    missed: info.numActionsMissedCatchupWindow,
  };
}

/** The result of the most recent round, or how it ended. */
async function lastRound(
  client: TemporalClient['client'],
  { info }: ScheduleDescription,
): Promise<PollResult | string> {
  const recent = info.recentActions.at(-1)?.action.workflow.workflowId;
  if (recent === undefined) return 'none yet';
  const handle = client.workflow.getHandle(recent);
  const { status } = await handle.describe();
  return status.name === 'COMPLETED' ? ((await handle.result()) as PollResult) : status.name.toLowerCase();
}
