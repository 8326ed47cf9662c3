import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Client } from '@temporalio/client';
import type { SandboxControl } from '../../../sandbox/control-client';
import { createWebhookStories } from '../../../sandbox/webhook-stories';
import { POLL_SCHEDULE_ID } from '../../domain/ids';
import { freePort } from '../../temporal/server';
import type { Stage } from './stage';
import type { Stack } from '../stack';
import { commandLine } from '../worker-process';

/** With which a worker listens on this machine. */
export type ListenSettings = Record<'LISTEN_PORT' | 'WEBHOOK_URL' | 'WEBHOOK_SECRET' | 'ACTION_SECRET', string>;

export async function listenSettings(control: SandboxControl): Promise<ListenSettings> {
  const port = String(await freePort());
  const { body } = await control.connect(
    'POST',
    `/products/${control.sandbox.products.plain}/actions/regeneratesecret`,
  );
  return {
    LISTEN_PORT: port,
    WEBHOOK_URL: `http://127.0.0.1:${port}`,
    WEBHOOK_SECRET: randomBytes(32).toString('hex'),
    ACTION_SECRET: (body as { jwt_secret: string }).jwt_secret,
  };
}

/** Runs `connect-processor webhooks apply`. @throws Error with what it said, where it fails, or all is to end early */
export async function applyWebhooks(
  { env }: Stack,
  settings: Readonly<Record<string, string>>,
  { signal }: Stage,
): Promise<void> {
  const options = { env: { ...env, ...settings }, signal };
  await promisify(execFile)(process.execPath, [commandLine(), 'webhooks', 'apply'], options);
}

/**
 * Plays orders of which only Connect's calls can tell: the schedule has no times of its own meanwhile.
 *
 * @returns true where all was played, and every call of Connect was answered; save where a worker was killed, which cannot answer
 */
export async function showWebhooks(
  stack: Stack,
  { WEBHOOK_URL: url }: ListenSettings,
  say: (line: string) => void,
  stage: Stage,
): Promise<boolean> {
  const { lost: lostBefore } = stage;
  const giveBackTimes = await withoutTimes(stack.client, stage);
  say('\nWebhooks: no round comes by itself now, only where Connect calls');
  try {
    if (!(await stage.play(createWebhookStories(url)))) return false;
  } finally {
    await giveBackTimes();
  }
  const { events, drafts } = await webhookCalls(stack);
  const wasHeard = stage.lost === lostBefore;
  const ok = !wasHeard || [events, drafts].every(({ made, answered }) => made > 0 && answered === made);
  const expected = `every call answered${wasHeard ? '' : ' while there was a worker'}`;
  const cameOut = `${events.answered} of ${events.made} events, ${drafts.answered} of ${drafts.made} drafts`;
  say(`  ${ok ? 'ok   ' : 'WRONG'} expected: ${expected}; came out: ${cameOut}`);
  return ok;
}

/** Returns once no round that came by itself is left. @returns gives the times back */
async function withoutTimes(client: Client, { keepWorker, signal }: Stage): Promise<() => Promise<void>> {
  const poll = client.schedule.getHandle(POLL_SCHEDULE_ID);
  const { intervals = [] } = (await poll.describe()).spec;
  const set = (times: typeof intervals) =>
    poll.update((previous) => ({ ...previous, spec: { ...previous.spec, intervals: times } }));
  await set([]);
  while ((await poll.describe()).info.runningActions.length > 0) {
    await keepWorker(); // without one the round would never end
    await pause(50, undefined, { signal });
  }
  return () => set(intervals);
}

/** How often Connect called, and how often it was answered. */
async function webhookCalls({ control }: Stack) {
  const { body } = await control.connect('GET', '/notifications/webhooks');
  const all = body as { type: string; stats: { triggers: number; success_triggers: number } }[];
  const sum = (webhooks: typeof all) => ({
    made: webhooks.reduce((total, { stats }) => total + stats.triggers, 0),
    answered: webhooks.reduce((total, { stats }) => total + stats.success_triggers, 0),
  });
  return {
    events: sum(all.filter(({ type }) => type === 'event')),
    drafts: sum(all.filter(({ type }) => type !== 'event')),
  };
}
