import { log, metricMeter } from '@temporalio/activity';
import type { PendingRequest } from './pending';

const PHASES = ['retrying', 'parked'] as const;

export interface Measured {
  /** When the round began, in ms since 1970. */
  begun: number;
  /** What a round that listed everything has found; undefined for any other. */
  swept: { oldestAgeMs: number; left: Readonly<Record<string, number>> } | undefined;
  countInPhase(phase: (typeof PHASES)[number]): Promise<number>;
}

/**
 * What a round measures. A gauge keeps its value in each process that ever ran a round, however long ago, so each process also says when its
 * last one ended: of several, the newest is right.
 */
export async function measureRound({ begun, swept, countInPhase }: Measured): Promise<void> {
  const kind = swept === undefined ? 'changes' : 'sweep';
  metricMeter
    .createHistogram('connect_round_duration', 'float', 'seconds', 'Time of a round')
    .record((Date.now() - begun) / 1000, { kind });
  if (swept !== undefined) {
    metricMeter
      .createGauge(
        'connect_oldest_pending_request_age_seconds',
        'float',
        'seconds',
        'Age of the oldest pending request, at the last sweep',
      )
      .set(swept.oldestAgeMs / 1000);
    const left = metricMeter.createGauge(
      'connect_requests_left',
      'int',
      'requests',
      'Pending requests that are left, by the reason, at the last sweep',
    );
    for (const [reason, count] of Object.entries(swept.left)) left.set(count, { reason });
  }
  try {
    const phases = metricMeter.createGauge('connect_requests_in_phase', 'int', 'requests', 'Open runs by phase');
    for (const phase of PHASES) phases.set(await countInPhase(phase), { phase });
  } catch (error) {
    log.warn('the runs in each phase could not be counted; the round is not affected', { error: String(error) });
  }
  metricMeter
    .createGauge('connect_round_ended_timestamp_seconds', 'float', 'seconds', 'When the last round ended, Unix time')
    .set(Date.now() / 1000, { kind });
}

/** @param now Connect's clock. @returns ms; 0 where nothing is pending */
export function ageOfOldest(requests: readonly PendingRequest[], now: string | undefined): number {
  const times = requests.map(({ created }) => Date.parse(created)).filter((time) => !Number.isNaN(time));
  return now && times.length > 0 ? Math.max(0, Date.parse(now) - times.reduce((a, b) => Math.min(a, b))) : 0;
}
