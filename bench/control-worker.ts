import path from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { temporalSettings } from '../src/temporal/settings';
import { WORKER_SETTINGS } from '../src/worker';
import { CONTROL_QUEUE } from './control';

/** The worker of the control, in a process of its own, with the product's settings. Says `ready`; SIGTERM ends it. */
async function main(): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: ['SIGTERM'] });
  const { connectionOptions, namespace } = temporalSettings();
  const connection = await NativeConnection.connect(connectionOptions);
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: CONTROL_QUEUE,
    ...WORKER_SETTINGS,
    workflowsPath: path.join(__dirname, 'control-workflow.js'),
    activities: { nothing: async () => undefined },
  });
  process.send?.('ready');
  await worker.run();
  await connection.close();
  process.disconnect?.();
}

void main();
