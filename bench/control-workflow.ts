import { proxyActivities } from '@temporalio/workflow';

const { nothing } = proxyActivities<{ nothing(): Promise<void> }>({
  startToCloseTimeout: '1 m',
  heartbeatTimeout: '10 s',
});

/** Three steps, as a purchase has, and nothing in them: what Temporal alone costs on this machine. */
export async function control(): Promise<void> {
  await nothing();
  await nothing();
  await nothing();
}
