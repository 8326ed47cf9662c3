import { once } from 'node:events';
import { type Config, secretsOf } from '../config';
import { createRedactor } from '../domain/redact';
import type { Vendors } from '../sdk/vendor';
import { hearOfMishaps } from './mishaps';
import { openListener } from './open-listener';
import { openTelemetry } from './run-worker';

/**
 * Answers what Connect calls, until it is told to stop.
 *
 * @throws UsageError where there is no secret, hence nothing to answer
 * @throws TemporalUnreachable, or what else keeps it from starting
 */
export async function runListener(config: Config, vendors: Vendors): Promise<void> {
  const telemetry = openTelemetry(config, createRedactor(secretsOf(config)));
  hearOfMishaps(telemetry.log);
  try {
    const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
    const listener = await openListener(config, vendors, telemetry.log);
    await stopped;
    await listener.close();
    telemetry.log.info('has stopped listening');
  } finally {
    await telemetry.close();
  }
}
