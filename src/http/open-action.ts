import type { JWTPayload } from 'jose';
import type { ActionHook } from '../sdk/product-action';
import type { Logger } from '../sdk/request-context';
import { Refusal } from './refusal';
import { withinTime } from './time-limit';

const TIME_LIMIT_MS = 10_000;

/**
 * Asks the vendor where a product action leads.
 *
 * @returns an address of http or https
 * @throws Refusal 404 where the vendor knows no such action, 502 where its hook fails or names something else
 */
export async function openAction(
  action: string,
  claims: JWTPayload,
  { hook, log, timeLimitMs = TIME_LIMIT_MS }: { hook: ActionHook; log: Logger; timeLimitMs?: number },
): Promise<string> {
  const text = (claim: string) => (typeof claims[claim] === 'string' ? claims[claim] : undefined);
  const call = {
    ...{ action, actionId: text('action_id'), claims, log },
    ...{ assetId: text('asset_id'), configurationId: text('configuration_id') },
  };
  let target: unknown; // a vendor's code may be JavaScript
  try {
    target = await withinTime(timeLimitMs, (signal) => hook({ ...call, signal }));
    if (target !== undefined && !isAddress(target)) throw new TypeError('it returned no address of http or https');
  } catch (error) {
    log.error(`the vendor's hook for a product action failed`, { action, error });
    throw new Refusal(502, 'This cannot be opened at the moment. Please try again in a few minutes.');
  }
  if (!isAddress(target)) throw new Refusal(404, 'There is no such action.');
  return target;
}

function isAddress(target: unknown): target is string {
  if (typeof target !== 'string' || !URL.canParse(target)) return false;
  return ['http:', 'https:'].includes(new URL(target).protocol);
}
