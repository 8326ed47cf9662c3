import { once } from 'node:events';
import { type Config, secretsOf } from '../config';
import { createRedactor } from '../domain/redact';
import type { Vendors } from '../sdk/vendor';
import { SHUTDOWN_SIGNALS } from '../telemetry';
import { hearOfMishaps } from './mishaps';
import { inLog, throwAfter } from './mishaps-in-log';
import { openListener } from './open-listener';
import { openHealth, openTelemetry } from './run-worker';

/**
 * Answers what Connect calls, until it is told to stop.
 *
 * @throws UsageError where there is no secret, hence nothing to answer
 * @throws TemporalUnreachable, or what else keeps it from starting
 * @throws Error where an error that nobody caught has ended it
 */
export async function runListener(config: Config, vendors: Vendors): Promise<void> {
  const telemetry = openTelemetry(config, createRedactor(secretsOf(config)));
  const mishaps = inLog(telemetry.log, 'listener');
  hearOfMishaps(mishaps);
  let isListening = false;
  let health: Awaited<ReturnType<typeof openHealth>>;
  try {
    const stopped = Promise.race(SHUTDOWN_SIGNALS.map((signal) => once(process, signal)));
    health = await openHealth(config, () => isListening);
    const listener = await openListener(config, vendors, telemetry.log);
    isListening = true;
    await stopped;
    isListening = false;
    await listener.close();
    telemetry.log.info('has stopped listening');
  } finally {
    await health?.close();
    await telemetry.close();
  }
  throwAfter(mishaps, 'listener');
}
