import { log } from '@temporalio/activity';
import type { PollMemory } from '../src/domain/poll';
import type { Listing, Span } from './list-pending';

const MOST_HELD = 500;

/** A change that Connect commits late carries an earlier time than our last look: so much is looked at again. */
const OVERLAP_MS = 60_000;

/** What a round goes on from, where it need not list everything. */
export interface LastLook {
  watermark: string;
  sweptAt: string;
  held: readonly string[];
}

/** @returns undefined where everything is to be listed: at first, now and then, and where a round may have overlooked something */
export function lastLookOf(memory: PollMemory | undefined, fullSweepIntervalMs: number): LastLook | undefined {
  const { watermark, sweptAt, held = [] } = memory ?? {};
  if (!watermark || !sweptAt || held.length > MOST_HELD) return undefined;
  const sinceSweepMs = Date.parse(watermark) + OVERLAP_MS - Date.parse(sweptAt);
  return sinceSweepMs < fullSweepIntervalMs ? { watermark, sweptAt, held } : undefined;
}

/** @param lookedAt Connect's clock, ISO 8601 @returns from when on the next round looks */
export function watermarkOf(lookedAt: string): string {
  return new Date(Date.parse(lookedAt) - OVERLAP_MS).toISOString();
}

/**
 * Lists everything, or what changed since the last look and what was held back then. Says which requests cannot be read.
 *
 * @param list narrows Connect's lists to a span
 * @throws whatever ended the round; what could not be listed is in the errors of the answer
 */
export async function look(list: (span: Span) => Promise<Listing>, last: LastLook | undefined): Promise<Listing> {
  const seen = last ? await lookAtChanges(list, last) : await list('everything');
  for (const { id, problem } of seen.unreadable.values()) {
    log.error('Connect lists a pending request that cannot be read', { requestId: id, problem });
  }
  return seen;
}

async function lookAtChanges(list: (span: Span) => Promise<Listing>, last: LastLook): Promise<Listing> {
  const changed = merged(await list({ since: last.watermark }), await list({ ids: last.held }));
  // An older request of the same subscription may be pending since before the last look. A purchase is always the first.
  const assets = new Set<string>();
  for (const { type, assetId } of changed.requests.values()) {
    if (assetId?.startsWith('AS-') && type !== 'purchase') assets.add(assetId);
  }
  return merged(changed, await list({ assets: [...assets] }));
}

function merged(one: Listing, other: Listing): Listing {
  return {
    requests: new Map([...one.requests, ...other.requests]),
    answeredAt: one.answeredAt,
    unreadable: new Map([...one.unreadable, ...other.unreadable]),
    errors: [...one.errors, ...other.errors],
    settled: one.settled && other.settled,
  };
}
