import { ApplicationFailure, type Info } from '@temporalio/activity';
import type { LogMetadata } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { afterAll, afterEach } from '@jest/globals';
import { type ActivityDependencies, type Activities, createActivities } from '../../activities';
import { createConnectClient } from '../../src/connect/client';
import type { RequestToStart } from '../../src/domain/request-run';
import { createRedactor } from '../../src/domain/redact';
import { approve, type Vendor } from '../../src/sdk';
import { templateName } from '../../src/template-name';
import { useSandbox } from '../sandbox/start';

/** A vendor who approves everything, and saves the parameter that is required. */
export const EASY: Vendor = {
  purchase: { find: async () => undefined, create: async () => approve({ subscription_id: 'S-1' }) },
  change: async () => approve(),
  tierConfig: async () => approve({ reseller_id: 'R-1' }),
};

export interface LogLine extends LogMetadata {
  level: string;
  message: string;
}

/** The activities of a processor with the sandbox as its Connect, each run as a worker runs it. */
export function useActivities() {
  const box = useSandbox();
  const closing: { close(): Promise<void> }[] = [];
  const log: LogLine[] = [];
  afterEach(async () => {
    await box.control.clearFaults();
    await Promise.all(closing.splice(0).map((one) => one.close()));
    log.length = 0;
  });
  afterAll(() => Runtime.instance().shutdown()); // no worker ends it here, and it would keep the process

  /** @param given what is not the default, say a vendor, which serves every product */
  function activities({
    vendor = EASY,
    ...given
  }: Partial<ActivityDependencies> & { vendor?: Vendor; timeoutMs?: number } = {}) {
    const { sandbox } = box;
    const started: RequestToStart[] = [];
    const connect = createConnectClient({
      url: sandbox.connectUrl,
      apiKey: sandbox.vendorKey,
      requestsPerSecond: 100_000,
      timeoutMs: given.timeoutMs ?? 5_000,
    });
    closing.push(connect);
    const all = createActivities({
      connect,
      vendorOf: () => vendor,
      products: Object.values(sandbox.products),
      startRequest: async (request) => (started.push(request), 'started'),
      selectionOf: () => undefined,
      countInPhase: async () => 0,
      openRuns: async function* () {},
      isOpen: async () => false,
      recheck: async () => undefined,
      fullSweepIntervalMs: 900_000,
      templateName: (use, productId, type) => templateName({}, use, productId, type),
      redact: createRedactor([sandbox.vendorKey]),
      ...given,
    });
    return { ...all, started, connect };
  }

  /** Runs one activity. @param info of its attempt: which one it is, what the one before left in its heartbeat */
  async function run<K extends keyof Activities>(
    all: Activities,
    name: K,
    args: Parameters<Activities[K]>,
    info: Partial<Info> & { onHeartbeat?: (details: unknown) => void; until?: Promise<unknown> } = {},
  ): Promise<Awaited<ReturnType<Activities[K]>>> {
    const { onHeartbeat, until, ...rest } = info;
    const logger = new DefaultLogger('TRACE', ({ level, message, meta }) => log.push({ ...meta, level, message }));
    const environment = new MockActivityEnvironment(
      { heartbeatTimeoutMs: 10_000, scheduledTimestampMs: Date.now(), ...rest },
      { logger },
    );
    if (onHeartbeat) environment.on('heartbeat', onHeartbeat);
    void until?.then(() => environment.cancel());
    type AnyActivity = (...args: unknown[]) => Promise<unknown>;
    const result = await environment.run<unknown[], unknown, AnyActivity>(all[name] as unknown as AnyActivity, ...args);
    return result as Awaited<ReturnType<Activities[K]>>;
  }

  /** Runs one activity that is meant to fail. @throws where it does not fail with one of our failures */
  async function failureOf<K extends keyof Activities>(
    ...call: Parameters<typeof run<K>>
  ): Promise<ApplicationFailure> {
    try {
      await run(...call);
    } catch (error) {
      if (error instanceof ApplicationFailure) return error;
      throw error;
    }
    throw new Error(`${call[1]} did not fail`);
  }

  return { box, activities, run, failureOf, log };
}
