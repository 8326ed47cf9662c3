import type { Client } from '@temporalio/client';
import { type google, temporal } from '@temporalio/proto';
import { type Finding, good, note } from './finding';

/**
 * Does a worker take what rounds start? Temporal remembers who has polled for five minutes, so the one that polled last is named with its age: a
 * worker that lives polls each minute. That there is none is no mistake: this runs before the first one is started, too.
 */
export async function checkWorkers(client: Client, taskQueue: string): Promise<Finding> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  });
  const workers = pollers.map(({ identity, lastAccessTime }) => ({ identity, polled: millisecondsOf(lastAccessTime) }));
  const latest = workers.sort((one, other) => other.polled - one.polled)[0];
  if (!latest) {
    return note(
      `no worker polls task queue "${taskQueue}"`,
      'Run `connect-processor worker`. Until then what is due waits, and is not lost.',
    );
  }
  const seconds = Math.max(0, Math.round((Date.now() - latest.polled) / 1000)); // the clocks may differ
  const who = workers.length === 1 ? 'a worker polls' : `${workers.length} workers poll`;
  return good(`${who} task queue "${taskQueue}", last ${latest.identity}, ${seconds} s ago`);
}

function millisecondsOf(time: google.protobuf.ITimestamp | null | undefined): number {
  return Number(time?.seconds ?? 0) * 1000;
}
