import type { Client, ScheduleDescription } from '@temporalio/client';
import { usageSchema } from '../../../activities/usage-schema';
import type { Config } from '../../config';
import { usageScheduleId } from '../../domain/ids';
import type { Vendors } from '../../sdk/vendor';
import { describeSchedule, usageSchedules, usageTimeInWords, type UsageTime } from '../../temporal/schedules';
import { usageTimesOf } from '../vendors';
import { type Finding, good, note, wrong } from './finding';

type UsageConfig = Pick<Config, 'taskQueue' | 'usageTimes'>;

const APPLY = 'Run `connect-processor schedules apply`.';
const OR_NOT_AT_ALL = 'an operator sets `"report": false` for the product in `usage` of the file';

/**
 * Does a schedule report each product whose vendor has the hook, as it is configured, and none any other?
 *
 * @param withinMs how long Temporal has to tell of each
 */
export async function* checkUsageSchedules(
  client: Client,
  { usageTimes, taskQueue }: UsageConfig,
  vendors: Vendors,
  withinMs: number,
): AsyncGenerator<Finding> {
  const missing: string[] = [];
  const reported = usageTimesOf({ usageTimes }, vendors);
  for (const time of reported) {
    const schedule = await describeSchedule(client, usageScheduleId(time.productId), withinMs);
    if (schedule?.action.taskQueue === taskQueue) yield scheduleFinding(schedule, time);
    else missing.push(time.productId);
  }
  if (missing.length > 0) {
    yield wrong(`no schedule reports the usage of ${missing.join(', ')} for task queue "${taskQueue}"`, APPLY);
  }
  const wanted = reported.map(({ productId }) => usageScheduleId(productId));
  for (const { scheduleId: id, action } of await usageSchedules(client, withinMs)) {
    if (action.taskQueue !== taskQueue || wanted.includes(id)) continue;
    yield wrong(
      `the schedule ${id} is there, and no usage of that product is to be reported: the configuration leaves it out, or its vendor has no hook \`usage\``,
      'Run `connect-processor schedules apply`, which deletes it.',
    );
  }
}

function scheduleFinding(schedule: ScheduleDescription, time: UsageTime): Finding {
  const { scheduleId: id, state, spec } = schedule;
  if (state.paused) {
    return wrong(
      `the schedule ${id} is paused: ${state.note ?? ''}`,
      `Run \`connect-processor schedules resume ${id}\`. What was due meanwhile is reported by hand: \`usage report\`.`,
    );
  }
  if (spec.endAt && spec.endAt.getTime() < Date.now()) return wrong(`the schedule ${id} has ended`, APPLY);
  const [is, wanted] = [timeOf(schedule, time.productId), usageTimeInWords(time)];
  return is === wanted
    ? good(`the usage of ${time.productId} is reported ${wanted}`)
    : wrong(`the schedule ${id} reports ${is}, and is configured to ${wanted}`, APPLY);
}

function timeOf({ spec }: ScheduleDescription, productId: string): string {
  const [{ dayOfMonth: [day] = [], hour: [hour] = [], minute: [minute] = [] } = {}] = spec.calendars ?? [];
  if (!day || !hour || !minute) return 'at times that somebody has set';
  const time = [hour, minute].map(({ start }) => String(start).padStart(2, '0')).join(':');
  return usageTimeInWords({ productId, day: day.start, time, timeZone: spec.timezone ?? 'UTC' });
}

/** Can Connect take the usage of a product whose vendor has the hook? */
export function* checkPayAsYouGo(
  productId: string,
  payAsYouGo: Parameters<typeof usageSchema>[1],
  { usageTimes }: Pick<UsageConfig, 'usageTimes'>,
  vendors: Vendors,
): Generator<Finding> {
  if (!vendors.get(productId)?.usage || !usageTimes.some((time) => time.productId === productId)) return;
  const found = usageSchema(productId, payAsYouGo);
  if ('schema' in found) yield good(`${productId} has pay-as-you-go, schema ${found.schema}`);
  else if (payAsYouGo)
    yield wrong(
      `${found.problem} A report of its usage parks.`,
      `Whoever owns the product corrects it, or ${OR_NOT_AT_ALL}.`,
    );
  else
    yield note(
      `${found.problem} A report of its usage parks.`,
      `Whoever owns the product switches it on; or ${OR_NOT_AT_ALL}, and runs \`connect-processor schedules apply\`.`,
    );
}
