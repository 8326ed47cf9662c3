import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Stack } from '../src/commands/stack';
import { commandLine } from '../src/commands/worker-process';
import { spawnGuarded } from '../src/temporal/guarded-process';
import { freePort } from '../src/temporal/server';
import { timesOf } from './purchases';
import { percentile } from './statistics';

/** How long an order takes that a webhook alone tells of, by the way in which orders come. Times in milliseconds. */
export interface HookFigures {
  purchases: number;
  latencyMs: number;
  /** Each is placed when the one before is approved. */
  oneAfterAnother: PlacedToApproved;
  /** Placed by the clock, however many are open. */
  twoASecond: PlacedToApproved;
}

interface PlacedToApproved {
  p50: number;
  p95: number;
}

/** The interval of rounds: so long that every one of them was woken by a webhook. */
export const ROUNDS_APART_MS = 3_600_000;
const TWO_A_SECOND_MS = 500;

/**
 * Has Connect call `connect-processor listen`, in a process of its own, and places purchases.
 *
 * @throws Error where one is not approved within half a minute, or twice
 */
export async function measureHooks(
  stack: Stack,
  purchases: number,
  latencyMs: number,
  report: (line: string) => void,
): Promise<HookFigures> {
  const { control } = stack;
  await control.setLatency(latencyMs);
  const worker = await stack.startWorker();
  const listener = await startListener(stack);
  try {
    const place = async () => (await control.placePurchase()).id;
    const untilApproved = (id: string) => control.untilSettled(id, { statuses: ['approved', 'failed'] });

    const apart: string[] = [];
    while (apart.length < purchases) {
      apart.push(await place());
      await untilApproved(apart.at(-1)!);
      report(`${apart.length} of ${purchases} one after another`);
    }
    const together: string[] = [];
    while (together.length < purchases) {
      const [id] = await Promise.all([place(), pause(TWO_A_SECOND_MS)]);
      together.push(id);
      report(`${together.length} of ${purchases} at two a second`);
    }
    await Promise.all(together.map(untilApproved));
    const [oneAfterAnother, twoASecond] = [await waitsOf(stack, apart), await waitsOf(stack, together)];
    return { purchases, latencyMs, oneAfterAnother, twoASecond };
  } finally {
    await listener.stop();
    await worker.stop();
  }
}

/** The listener, once it answers and Connect knows where it is. */
async function startListener({ env }: Stack) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const settings = { ...env, LISTEN_PORT: String(port), WEBHOOK_URL: url, WEBHOOK_SECRET: 'a-secret-of-the-benchmark' };
  const listener = spawnGuarded(process.execPath, [commandLine(), 'listen'], { env: settings, detached: true });
  const answers = () =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false, // it does not listen yet
    );
  while (!(await answers())) {
    const said = listener.lastWords();
    if (said !== undefined) throw new Error(`connect-processor listen ended: ${said}`);
    await pause(50);
  }
  await promisify(execFile)(process.execPath, [commandLine(), 'webhooks', 'apply'], { env: settings });
  return listener;
}

async function waitsOf({ control }: Stack, ids: readonly string[]): Promise<PlacedToApproved> {
  const { effects } = await control.counters();
  const waits: number[] = [];
  for (const id of ids) {
    if (effects[id]?.['approve'] !== 1)
      throw new Error(`${id} is not approved once: a figure for wrong work is no figure`);
    const { placed, approved } = timesOf(await control.timeline(id));
    waits.push(approved - placed);
  }
  return { p50: percentile(waits, 0.5), p95: percentile(waits, 0.95) };
}
