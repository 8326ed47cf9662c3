import { type Client, isGrpcDeadlineError, type ScheduleDescription, ServiceError } from '@temporalio/client';
import type { Config } from '../../config';
import { POLL_SCHEDULE_ID } from '../../domain/ids';
import type { Vendors } from '../../sdk/vendor';
import { connectTemporal, type TemporalClient } from '../../temporal/client';
import { temporalSettings } from '../../temporal/settings';
import { TemporalUnreachable } from '../../temporal/unreachable';
import { describeSchedule } from '../../temporal/schedules';
import { searchAttributeProblems, searchAttributesTodo } from '../../temporal/search-attributes';
import { type Finding, good, messageOf, note, wrong } from './finding';
import { checkUsageSchedules } from './usage';
import { checkWorkers } from './workers';

/** Is the server there, does it know our search attributes, do schedules poll and report for this deployment and no other, does a worker work? */
export async function* checkTemporal(
  config: Pick<Config, 'taskQueue' | 'pollIntervalMs' | 'usageTimes'>,
  vendors: Vendors,
): AsyncGenerator<Finding> {
  let temporal: TemporalClient;
  try {
    temporal = await connectTemporal();
  } catch (error) {
    yield error instanceof TemporalUnreachable ? temporalTrouble(error, temporalSettings()) : badSettings(error);
    return;
  }
  const { client, connection, address, namespace, close } = temporal;
  try {
    await connection.workflowService.describeNamespace({ namespace });
    yield good(`Temporal answers at ${address}, namespace "${namespace}"`);
    yield await checkSearchAttributes(client);
    yield* checkSchedules(client, namespace, config, vendors);
    yield await checkWorkers(client, config.taskQueue);
  } catch (error) {
    yield temporalTrouble(error, temporal);
  } finally {
    await close();
  }
}

async function checkSearchAttributes(client: Client): Promise<Finding> {
  const problems = await searchAttributeProblems(client);
  if (problems.length === 0) return good('search attributes are registered');
  return wrong(`search attributes: ${problems.join('; ')}`, searchAttributesTodo(problems));
}

const TOLD_WITHIN_MS = 10_000;

/** @param withinMs how long Temporal has to tell of a schedule. It has that from the schedule's own workflow, and may be silent about it alone. */
export async function* checkSchedules(
  client: Client,
  namespace: string,
  config: Pick<Config, 'taskQueue' | 'pollIntervalMs' | 'usageTimes'>,
  vendors: Vendors,
  withinMs = TOLD_WITHIN_MS,
): AsyncGenerator<Finding> {
  try {
    yield* checkSchedule(await describeSchedule(client, POLL_SCHEDULE_ID, withinMs), namespace, config);
    yield* checkUsageSchedules(client, config, vendors, withinMs);
  } catch (error) {
    if (!(error instanceof ServiceError && isGrpcDeadlineError(error.cause))) throw error;
    yield wrong(
      'Temporal answers, but does not tell how a schedule stands',
      'Run `connect-processor doctor` again in a minute. Where it stays so, an operator looks at the log of the Temporal server: its worker service runs the schedules.',
    );
  }
}

function* checkSchedule(
  schedule: ScheduleDescription | undefined,
  namespace: string,
  { taskQueue, pollIntervalMs }: Pick<Config, 'taskQueue' | 'pollIntervalMs'>,
): Generator<Finding> {
  if (!schedule) {
    yield wrong('no schedule polls Connect', 'Run `connect-processor schedules apply` once.');
    return;
  }
  const { action, state, spec, info } = schedule;
  if (state.paused) {
    yield wrong(`the schedule is paused: ${state.note ?? ''}`, 'Run `connect-processor schedules resume`.');
  }
  if (action.type === 'startWorkflow' && action.taskQueue !== taskQueue) {
    yield wrong(
      `the schedule of namespace "${namespace}" polls for task queue "${action.taskQueue}", not for "${taskQueue}"`,
      'One deployment for each namespace: give this one a namespace of its own (TEMPORAL_NAMESPACE), or set TASK_QUEUE to that queue.',
    );
    return;
  }
  if (!state.paused) {
    yield info.nextActionTimes.length > 0
      ? good(`a schedule polls Connect for task queue "${taskQueue}"`)
      : wrong('the schedule that polls Connect has no next time: it has ended', APPLY);
  }
  const every = spec.intervals?.[0]?.every;
  if (Number(every) !== pollIntervalMs) {
    const now = every === undefined ? 'at times that somebody has set' : `every ${Number(every) / 1000} s`;
    yield note(`the schedule polls ${now}, and POLL_INTERVAL is ${pollIntervalMs / 1000} s`, APPLY);
  }
}

const APPLY = 'Run `connect-processor schedules apply`, which sets it as configured.';

/** A failure to talk to Temporal in one sentence; gRPC's own, `5 NOT_FOUND: …`, tells nobody what to do. */
export function temporalTrouble(
  error: unknown,
  { address, namespace }: Pick<TemporalClient, 'address' | 'namespace'>,
): Finding {
  const [, status, details] = /\b\d+ ([A-Z_]+): (.*)/s.exec(messageOf(error)) ?? [];
  switch (status ?? (error instanceof TemporalUnreachable ? 'UNAVAILABLE' : undefined)) {
    case 'NOT_FOUND':
      return wrong(
        `Temporal at ${address} has no namespace "${namespace}"`,
        `An operator creates it (temporal operator namespace create --namespace ${namespace}), or corrects TEMPORAL_NAMESPACE. The other checks of Temporal wait for this one.`,
      );
    case 'PERMISSION_DENIED':
    case 'UNAUTHENTICATED':
      return wrong(
        `Temporal at ${address} does not let us into namespace "${namespace}"`,
        'An operator checks TEMPORAL_NAMESPACE, and the rights of TEMPORAL_API_KEY or of the client certificate (TEMPORAL_TLS…). The other checks of Temporal wait for this one.',
      );
    case 'UNAVAILABLE':
    case 'DEADLINE_EXCEEDED':
      return wrong(
        `no Temporal server answers at ${address}`,
        'An operator starts one, or corrects TEMPORAL_ADDRESS and, where the server needs them, TEMPORAL_API_KEY and TEMPORAL_TLS…. The other checks of Temporal wait for this one.',
      );
    default:
      return wrong(
        `Temporal at ${address} refuses to tell: ${details ?? messageOf(error)}`,
        'An operator checks TEMPORAL_NAMESPACE and the rights of TEMPORAL_API_KEY.',
      );
  }
}

function badSettings(error: unknown): Finding {
  return wrong(
    messageOf(error),
    'An operator corrects the variables TEMPORAL_…, or the file that TEMPORAL_CONFIG_FILE names.',
  );
}
