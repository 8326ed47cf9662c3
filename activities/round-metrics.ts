import { log, metricMeter } from '@temporalio/activity';
import type { PendingRequest } from './pending';

const PHASES = ['retrying', 'parked'] as const;

export interface Measured {
  /** When the round began, in ms since 1970. */
  begun: number;
  /** What a round that listed everything has found; undefined for any other. */
  swept: (Backlog & { left: Readonly<Record<string, number>>; overdue: number | undefined }) | undefined;
  countInPhase(phase: (typeof PHASES)[number]): Promise<number>;
}

/** How late what is pending is. */
export interface Backlog {
  /** 0 where nothing is pending. */
  oldestAgeMs: number;
  /** `sli.zone` of the request that is latest by its service level; 0 where Connect measures none. */
  highestSliZone: number;
}

/**
 * What a round measures. A gauge keeps its value in each process that ever ran a round, however long ago, so each process also says when its
 * last one ended: of several, the newest is right.
 */
export async function measureRound({ begun, swept, countInPhase }: Measured): Promise<void> {
  const kind = swept ? 'sweep' : 'changes';
  metricMeter
    .createHistogram('connect_round_duration', 'float', 'seconds', 'Time of a round')
    .record((Date.now() - begun) / 1000, { kind });
  if (swept) {
    metricMeter
      .createGauge(
        'connect_oldest_pending_request_age_seconds',
        'float',
        'seconds',
        'Age of the oldest pending request, at the last sweep',
      )
      .set(swept.oldestAgeMs / 1000);
    metricMeter
      .createGauge(
        'connect_highest_pending_sli_zone',
        'int',
        'zone',
        'Service level of the pending request that is latest by it, at the last sweep',
      )
      .set(swept.highestSliZone);
    const left = metricMeter.createGauge(
      'connect_requests_left',
      'int',
      'requests',
      'Pending requests that are left, by the reason, at the last sweep',
    );
    for (const [reason, count] of Object.entries(swept.left)) left.set(count, { reason });
    if (swept.overdue !== undefined) {
      metricMeter
        .createGauge(
          'connect_requests_overdue',
          'int',
          'requests',
          'Scheduled requests whose planned date is over, at the last sweep',
        )
        .set(swept.overdue);
    }
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

/** @param now Connect's clock */
export function backlogOf(requests: readonly PendingRequest[], now: string | undefined): Backlog {
  const times = requests.map(({ created }) => Date.parse(created)).filter((time) => !Number.isNaN(time));
  const oldest = times.reduce((a, b) => Math.min(a, b), Infinity);
  return {
    oldestAgeMs: now && times.length > 0 ? Math.max(0, Date.parse(now) - oldest) : 0,
    highestSliZone: requests.reduce((highest, { sliZone = 0 }) => Math.max(highest, sliZone), 0),
  };
}
