import type { Client } from '@temporalio/client';
import type { Config } from '../../config';
import type { Vendors } from '../../sdk/vendor';
import { connectTemporal, type TemporalClient, temporalSettings } from '../../temporal/client';
import { TemporalUnreachable } from '../../temporal/unreachable';
import { describeSchedule } from '../../temporal/schedules';
import { searchAttributeProblems } from '../../temporal/search-attributes';
import { type Finding, good, messageOf, wrong } from './finding';
import { checkUsageSchedules } from './usage';

/** Is the server there, does it know our search attributes, do schedules poll and report for this deployment and no other? */
export async function* checkTemporal(
  config: Pick<Config, 'taskQueue' | 'usageTimes'>,
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
    yield* checkSchedule(client, namespace, config.taskQueue);
    yield* checkUsageSchedules(client, config, vendors);
  } catch (error) {
    yield temporalTrouble(error, temporal);
  } finally {
    await close();
  }
}

async function checkSearchAttributes(client: Client): Promise<Finding> {
  const problems = await searchAttributeProblems(client);
  if (problems.length === 0) return good('search attributes are registered');
  return wrong(
    `search attributes: ${problems.join('; ')}`,
    'Run `connect-processor schedules apply`, which registers them.',
  );
}

async function* checkSchedule(client: Client, namespace: string, taskQueue: string): AsyncGenerator<Finding> {
  const schedule = await describeSchedule(client);
  if (!schedule) {
    yield wrong('no schedule polls Connect', 'Run `connect-processor schedules apply` once.');
    return;
  }
  const { action, state } = schedule;
  if (state.paused) {
    yield wrong(`the schedule is paused: ${state.note ?? ''}`, 'Run `connect-processor schedules resume`.');
  }
  if (action.type === 'startWorkflow' && action.taskQueue !== taskQueue) {
    yield wrong(
      `the schedule of namespace "${namespace}" polls for task queue "${action.taskQueue}", not for "${taskQueue}"`,
      'One deployment for each namespace: give this one a namespace of its own (TEMPORAL_NAMESPACE), or set TASK_QUEUE to that queue.',
    );
  } else if (!state.paused) yield good(`a schedule polls Connect for task queue "${taskQueue}"`);
}

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
