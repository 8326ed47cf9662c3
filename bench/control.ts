import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Stack } from '../src/commands/stack';

export const CONTROL_QUEUE = 'control';
const AT_ONCE = 20; // as a round starts requests

/**
 * Runs workflows of three empty activities, on the same server, with the same settings of the worker.
 *
 * @returns workflows a second, from the first start to the last end
 */
export async function measureControl(
  { client, env }: Stack,
  workflows: number,
  report: (line: string) => void,
): Promise<number> {
  const worker = fork(path.join(__dirname, 'control-worker.js'), { env });
  const killed = () => void worker.kill('SIGKILL');
  process.once('exit', killed);
  await once(worker, 'message');

  const begun = Date.now();
  for (let n = 0; n < workflows; n += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, workflows - n) }, (_, i) => `control-${begun}-${n + i}`);
    await Promise.all(
      batch.map((workflowId) =>
        client.workflow.start('control', {
          workflowId,
          taskQueue: CONTROL_QUEUE,
          workflowTaskTimeout: '5 s',
          args: [],
        }),
      ),
    );
  }
  const query = `WorkflowType = 'control' AND WorkflowId STARTS_WITH 'control-${begun}' AND ExecutionStatus = 'Completed'`;
  for (let done = 0; done < workflows;) {
    await pause(100);
    done = (await client.workflow.count(query)).count;
    report(`${done} of ${workflows} done`);
  }
  const elapsedMs = Date.now() - begun;
  worker.kill('SIGTERM');
  await once(worker, 'exit');
  process.off('exit', killed);
  return workflows / (elapsedMs / 1000);
}
