import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { createStories, plainPurchases } from '../../sandbox/stories';
import { type CommandContext, EXIT } from './command';
import { Play } from './demo-play';
import { createScreen, type Screen } from './demo-screen';
import { showUsage } from './demo-usage';
import { printVerdicts } from './demo-verdicts';
import { applyWebhooks, listenSettings, showWebhooks, type Stage } from './demo-webhooks';
import { atLeastOne, wholeNumber } from './numbers';
import { print } from './print';
import { type Stack, startStack } from './stack';
import type { WorkerProcess } from './worker-process';

interface DemoOptions {
  orders?: number;
  keep?: boolean;
  latency: number;
}

/** By the names of docs/configuration.md. */
type Settings = Record<string, string>;

/** The list without the rounds, of which there is one each second. */
const REQUESTS_IN_WEB_UI = `/namespaces/default/workflows?query=${encodeURIComponent("WorkflowType != 'pollConnect'")}`;

/** Where nothing has changed for so long, something is wrong. */
const STANDSTILL_MS = 60_000;

export function demoCommand(command: Command, _context: CommandContext, exit: (code: number) => void): Command {
  return command
    .option('--orders <n>', 'place so many purchases, instead of one order of each kind', atLeastOne)
    .option('--latency <ms>', 'what every call to Connect and to the vendor takes', wholeNumber, 50)
    .option('--keep', 'leave all running at the end, until Ctrl-C')
    .action(async (options: DemoOptions) => {
      const interruption = interruptions();
      const screen = createScreen();
      const { signal } = interruption;
      signal.addEventListener('abort', () => {
        screen.end();
        print('Ending what was started ... (Ctrl-C again waits for nothing)');
      });
      const stack = await startStack({
        env: process.env,
        report: print,
        ui: true,
        latencyMs: options.latency,
        settings: { LOG_LEVEL: 'info' },
      });
      let wentWell = false;
      try {
        interruption.isGraceful = true;
        const listening = options.orders === undefined ? await listenSettings() : {};
        wentWell = await demo(stack, screen, listening, options, signal);
        if (options.keep) await stayUntil(signal, stack, listening);
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        const wentWrong = !wentWell && !signal.aborted;
        await stack.close(wentWrong);
        if (wentWrong) print(`The worker's log: ${stack.folder}`);
      }
      exit(wentWell ? EXIT.ok : EXIT.failed);
    });
}

/**
 * @returns true where every request ended as it should
 * @throws Error where it is interrupted, once no call to Temporal is under way: the client is closed next
 */
async function demo(
  stack: Stack,
  screen: Screen,
  listening: Settings,
  { orders }: DemoOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const { server, control, client, sandbox } = stack;
  print(`Temporal  ${server.address}, namespace ${server.namespace}: ${server.source}`);
  print(`Web UI    ${server.uiUrl ? `${server.uiUrl}${REQUESTS_IN_WEB_UI}` : 'the one of that server'}`);
  print(`Sandbox   ${sandbox.connectUrl}, control ${sandbox.controlUrl}/state`);
  const worker = await stack.startWorker(listening);
  print(`Worker    process ${worker.pid}, log ${worker.logFile}\n`);

  const play = new Play(control, client);
  const keepWorker = keptAlive(stack, worker, listening, screen);
  const stage: Stage = {
    signal,
    keepWorker,
    async play(stories) {
      await play.place(stories);
      return await untilOver(play, screen, stage);
    },
  };
  let wentWell: boolean;
  try {
    wentWell = await stage.play(orders === undefined ? createStories() : [plainPurchases(orders)]);
    if (wentWell && orders === undefined) wentWell = await showMore(stack, screen, listening, stage);
  } finally {
    screen.end();
  }
  const verdicts = await play.verdicts();
  printVerdicts(verdicts);
  return wentWell && verdicts.every(({ ok }) => ok);
}

/** What rounds alone do not show: a month's usage, and what Connect calls. */
async function showMore(stack: Stack, { say }: Screen, listening: Settings, stage: Stage): Promise<boolean> {
  await applyWebhooks(stack, listening);
  const usageWentWell = await showUsage(stack, say, stage.signal);
  const webhooksWentWell = await showWebhooks(stack, say, stage);
  return usageWentWell && webhooksWentWell;
}

/** @returns false where it came to a standstill */
async function untilOver(play: Play, screen: Screen, { keepWorker, signal }: Stage): Promise<boolean> {
  let last = '';
  let changedAt = Date.now();
  for (;;) {
    const begun = Date.now();
    await keepWorker();
    for (const line of await play.advance(screen.room)) screen.say(line);
    screen.show(play.rows);
    if (play.isOver) return true;

    const now = JSON.stringify(play.rows.map(({ id, status, phase, step }) => [id, status, phase, step]));
    if (now !== last) changedAt = Date.now();
    if (Date.now() - changedAt > STANDSTILL_MS) {
      screen.say(`\nNothing has changed for ${STANDSTILL_MS / 1000} s.`);
      return false;
    }
    last = now;
    const lookMs = Date.now() - begun; // many orders are costly to look at, and the look costs them time
    await pause(Math.min(3_000, Math.max(200, 3 * lookMs)), undefined, { signal });
  }
}

/** A worker that ends, say by a kill, is replaced, as an orchestrator would: what it had under way goes on in the next one. */
function keptAlive(stack: Stack, first: WorkerProcess, settings: Settings, screen: Screen): () => Promise<void> {
  let worker = first;
  return async () => {
    if (!worker.hasEnded()) return;
    worker = await stack.startWorker(settings);
    screen.say(
      `The worker process has ended; another goes on with its work: process ${worker.pid}, log ${worker.logFile}`,
    );
  };
}

async function stayUntil(
  signal: AbortSignal,
  { server, sandbox }: Stack,
  { WEBHOOK_URL: url, WEBHOOK_SECRET: secret }: Settings,
): Promise<void> {
  print(`\nAll is left running: place orders (docs/sandbox.md), look at ${server.uiUrl ?? server.address}.`);
  print(`Commands in another terminal find it by these:`);
  print(`  export TEMPORAL_ADDRESS=${server.address} TEMPORAL_NAMESPACE=${server.namespace}`);
  print(`  export CONNECT_API_URL=${sandbox.connectUrl} CONNECT_API_KEY='${sandbox.vendorKey}'`);
  print(`  export CONNECT_PRODUCTS=${Object.values(sandbox.products).join(',')} EXAMPLE_VENDOR=allow`);
  print(`  export VENDOR_API_URL=${sandbox.vendorUrl} VENDOR_API_KEY=${sandbox.vendorApiKey}`);
  if (url && secret) print(`  export WEBHOOK_URL=${url} WEBHOOK_SECRET=${secret}`);
  print(`Ctrl-C ends it.`);
  if (!signal.aborted) await once(signal, 'abort');
}

/**
 * What Ctrl-C and its like do. Before all is started, they end this process, and with it what it has started; after, the signal is aborted and
 * all is ended in order; a second one waits for nothing.
 */
function interruptions() {
  const controller = new AbortController();
  const state = { isGraceful: false, signal: controller.signal };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
    process.on(name, () => {
      if (!state.isGraceful || state.signal.aborted) process.exit(130); // its children are killed on 'exit'
      controller.abort();
    });
  }
  return state;
}
