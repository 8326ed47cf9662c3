import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Sandbox } from '../../sandbox/main';
import { MOST_ORDERS } from '../../sandbox/limits';
import { createStories, plainPurchases } from '../../sandbox/stories';
import { createUsageStories } from '../../sandbox/usage-stories';
import { type CommandContext, EXIT } from './command';
import { Play } from './demo/play';
import { createScreen, type Screen } from './demo/screen';
import { createStage, type Stage } from './demo/stage';
import { printVerdicts } from './demo/verdicts';
import { applyWebhooks, type ListenSettings, listenSettings, showWebhooks } from './demo/webhooks';
import { between } from './numbers';
import { print } from './print';
import { type Stack, startStack } from './stack';

interface DemoOptions {
  orders?: number;
  keep?: boolean;
  latency: number;
}

/** `WorkflowType != "pollConnect"`: there is a round each second. No sign at which a terminal would take the link to end. */
const WITHOUT_ROUNDS = 'WorkflowType%20%21%3D%20%22pollConnect%22';

function requestsInWebUi({ uiUrl, address }: Stack['server']): string {
  return uiUrl ? `${uiUrl}/namespaces/default/workflows?query=${WITHOUT_ROUNDS}` : `that of the server at ${address}`;
}

/** How often a worker that has ended is looked for while all is left running. */
const LOOK_MS = 500;

/** What is under way is waited for at Ctrl-C. */
const LONGEST_LATENCY_MS = 2_000;

export function demoCommand(command: Command, context: CommandContext, exit: (code: number) => void): Command {
  return command
    .option(
      '--orders <n>',
      `place so many purchases, ${MOST_ORDERS} at most, instead of one order of each kind`,
      between(1, MOST_ORDERS),
    )
    .option(
      '--latency <ms>',
      `what every call to Connect and to the vendor takes, ${LONGEST_LATENCY_MS} at most`,
      between(0, LONGEST_LATENCY_MS),
      50,
    )
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
        file: ownModule,
        vendors: (config) => context.vendors(config),
      });
      let wentWell = false;
      try {
        interruption.isGraceful = true;
        const listening = options.orders === undefined ? await listenSettings(stack.control) : undefined;
        const played = await demo(stack, screen, { ...options, listening }, signal);
        ({ wentWell } = played);
        if (options.keep) await stay(stack, listening, played.stage);
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        const wentWrong = !wentWell && !signal.aborted;
        await stack.close(wentWrong).catch((error: unknown) => {
          wentWell = false;
          print(`Not all could be ended in order: ${error instanceof Error ? error.message : String(error)}`);
        });
        if (wentWrong) print(`The worker's log: ${stack.folder}`);
      }
      exit(wentWell ? EXIT.ok : signal.aborted ? EXIT.interrupted : EXIT.failed);
    });
}

/**
 * @returns `wentWell`: true where everything ended as it should
 * @throws Error where it is interrupted, once no call to Temporal is under way: the client is closed next
 */
async function demo(
  stack: Stack,
  screen: Screen,
  { orders, listening }: DemoOptions & { listening: ListenSettings | undefined },
  signal: AbortSignal,
): Promise<{ wentWell: boolean; stage: Stage }> {
  const { server, control, client, sandbox } = stack;
  print(`Temporal  ${server.address}, namespace ${server.namespace}: ${server.source}`);
  print(`Web UI    ${requestsInWebUi(server)}`);
  print(`Sandbox   ${sandbox.connectUrl}, control ${sandbox.controlUrl}/state`);
  const settings = { ...listening };
  const worker = await stack.startWorker(settings);
  print(`Worker    process ${worker.pid}, log ${worker.logFile}\n`);

  const play = new Play(control, client);
  const stage = createStage(stack, play, { worker, settings, screen, signal });
  let wentWell: boolean;
  try {
    wentWell = await stage.play(
      orders === undefined ? [...createStories(), ...createUsageStories()] : [plainPurchases(orders)],
    );
    if (wentWell && listening) {
      await applyWebhooks(stack, listening, stage);
      wentWell = await showWebhooks(stack, listening, (line) => screen.say(line), stage);
    }
  } finally {
    screen.end();
  }
  const verdicts = await play.verdicts();
  signal.throwIfAborted();
  printVerdicts(verdicts);
  return { wentWell: wentWell && verdicts.every(({ ok }) => ok), stage };
}

/** The configuration's file: it names the module of the product that has one of its own. */
function ownModule({ products }: Sandbox): object {
  return { vendors: { products: { [products.backup]: path.join(__dirname, '../vendor/backup.js') } } };
}

/** Until it is interrupted. */
async function stay(
  { server, sandbox, env }: Stack,
  listening: ListenSettings | undefined,
  { signal, keepWorker }: Stage,
): Promise<void> {
  if (signal.aborted) return;
  print(`\nAll is left running: place orders (docs/sandbox.md), look at the Web UI:`);
  print(`  ${requestsInWebUi(server)}`);
  print(`Commands in another terminal find it by these:`);
  print(`  export TEMPORAL_ADDRESS=${server.address} TEMPORAL_NAMESPACE=${server.namespace}`);
  print(`  export CONNECT_API_URL=${sandbox.connectUrl} CONNECT_API_KEY='${sandbox.vendorKey}'`);
  print(`  export CONNECT_PRODUCTS=${Object.values(sandbox.products).join(',')} EXAMPLE_VENDOR=allow`);
  print(`  export VENDOR_API_URL=${sandbox.vendorUrl} VENDOR_API_KEY=${sandbox.vendorApiKey}`);
  print(`  export CONNECT_PROCESSOR_CONFIG=${env['CONNECT_PROCESSOR_CONFIG']}`);
  for (const [name, value] of Object.entries(listening ?? {})) {
    if (name !== 'LISTEN_PORT') print(`  export ${name}=${value}`); // that one is taken
  }
  print(`Ctrl-C ends it.`);
  for (;;) {
    await keepWorker();
    await pause(LOOK_MS, undefined, { signal });
  }
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
      if (!state.isGraceful || state.signal.aborted) process.exit(EXIT.interrupted); // its children are killed on 'exit'
      controller.abort();
    });
  }
  return state;
}
