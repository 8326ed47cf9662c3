import { afterAll, beforeAll } from '@jest/globals';
import type { Fault, FaultSpec, OrderSpec, PlacedOrder } from '../../sandbox/control-client';
import { type Stack, type StackOptions, startStack } from '../../src/commands/stack';
import type { WorkerProcess } from '../../src/commands/worker-process';
import type { Phase } from '../../src/domain/messages';
import { type CommandProcess, run, startCommandProcess } from '../support/command-line';
import { RequestRun } from '../support/request-run';
import { whatIsLeft } from '../support/what-is-left';

declare global {
  /** Whether one of the stack in use has; the environment of the tests says so. */
  var testHasFailed: boolean | undefined;
}

/** A fault of one order; in its path `{id}` stands for the request's id. */
export type Meet = Omit<FaultSpec, 'containing'>;

/** An order, and the faults that its calls are to meet. */
export type TroubledOrder = PlacedOrder & { faults: Fault[] };

/**
 * The product as it runs: the sandbox, a schedule that polls each second, worker processes, on the Temporal server of the tests.
 *
 * @param options.worker options of the worker's command line; false where the tests of a file start their workers themselves
 */
export function useStack({ worker = [], ...options }: { worker?: false | string[] } & Partial<StackOptions> = {}) {
  let stack: Stack | undefined;
  let first: WorkerProcess | undefined;
  let commands: CommandProcess | undefined;
  beforeAll(async () => {
    stack = await startStack({ env: process.env, report: () => undefined, ...options });
    if (worker) first = await stack.startWorker({}, worker);
  }, 60_000);
  afterAll(async () => {
    const hasFailed = globalThis.testHasFailed;
    globalThis.testHasFailed = false;
    try {
      if (stack && hasFailed) process.stderr.write(`${await whatIsLeft(stack)}\n`);
    } finally {
      await stack?.close(hasFailed);
      await commands?.close();
    }
  }, 60_000);

  const started = () => {
    if (stack === undefined) throw new Error('the stack is started in beforeAll');
    return stack;
  };
  return {
    get stack() {
      return started();
    },
    get control() {
      return started().control;
    },
    get worker() {
      return first!;
    },
    /** Runs a command against it, in one process with the others of the file. @param settings beside those of the stack */
    run: (args: string[], settings: Record<string, string> = {}) =>
      (commands ??= startCommandProcess()).run(args, { ...started().env, ...settings }),
    /** The same in a process of its own, as for what logs or may go on. */
    runAlone: (args: string[], settings: Record<string, string> = {}) => run(args, { ...started().env, ...settings }),
    runOf: (id: string) => new RequestRun(started().client, id),
    untilPhase: (id: string, phase: Phase) => new RequestRun(started().client, id).until(phase),

    /**
     * A purchase that meets faults from its first call on: it is a draft, which nobody handles, until they are set.
     *
     * @param faults each meets calls about this order alone
     */
    async purchaseMeeting(meets: Meet[], spec: Omit<OrderSpec, 'type' | 'draft'> = {}): Promise<TroubledOrder> {
      const { control } = started();
      const order = await control.placePurchase({ ...spec, draft: true });
      const faults: Fault[] = [];
      for (const meet of meets) {
        const path = meet.path.replace('{id}', order.id);
        const narrowed = path.includes(order.id) ? {} : { containing: order.asset.id };
        faults.push(await control.fault({ ...meet, path, ...narrowed }));
      }
      const bought = await control.connect('POST', `/requests/${order.id}/purchase`, { as: 'distributor', body: {} });
      if (bought.status !== 200) throw new Error(`${order.id}: ${bought.status} ${JSON.stringify(bought.body)}`);
      return { ...order, faults };
    },

    /**
     * The status that it came to, and how often what must happen once has happened.
     *
     * @throws Error where a fault that the order was to meet never met it: such a test would prove nothing
     */
    async outcomeOf(order: PlacedOrder | TroubledOrder, timeoutMs = 30_000) {
      const { control } = started();
      const status = await control.untilSettled(order.id, { timeoutMs, statuses: ['approved', 'failed'] });
      for (const { id, ...fault } of 'faults' in order ? order.faults : []) {
        if ((await control.getFault(id)).hits === 0) throw new Error(`never met: ${JSON.stringify(fault)}`);
      }
      const approvals = await control.effects(order.id, 'approve');
      return { status, approvals, tenants: (await control.tenantsOf(order.asset.id)).length };
    },
  };
}
