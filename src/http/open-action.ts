import type { JWTPayload } from 'jose';
import { withinTime } from '../domain/within-time';
import type { ActionCall, ActionHook } from '../sdk/product-action';
import type { Logger } from '../sdk/request-context';
import { Refusal } from './refusal';

/** The hook of the vendor whose subscription, or configuration, Connect has signed; undefined where that vendor has none. */
export type HookOf = (
  signed: Pick<ActionCall, 'assetId' | 'configurationId'>,
  signal: AbortSignal,
) => Promise<ActionHook | undefined>;

const TIME_LIMIT_MS = 10_000;

/**
 * Asks the vendor where a product action leads.
 *
 * @returns an address of http or https, in characters that a header can hold
 * @throws Refusal 404 where the vendor knows no such action, 502 where its hook fails or names something else, or Connect does not say whose
 *   it is
 */
export async function openAction(
  action: string,
  claims: JWTPayload,
  { hookOf, log, timeLimitMs = TIME_LIMIT_MS }: { hookOf: HookOf; log: Logger; timeLimitMs?: number },
): Promise<string> {
  const text = (claim: string) => (typeof claims[claim] === 'string' ? claims[claim] : undefined);
  const call = {
    action,
    actionId: text('action_id'),
    claims,
    log,
    assetId: text('asset_id'),
    configurationId: text('configuration_id'),
  };
  let address: string | undefined;
  try {
    // Of whatever type: a vendor's code may be JavaScript.
    const target: unknown = await withinTime(timeLimitMs, async (signal) => {
      const hook = await hookOf(call, signal);
      return await hook?.({ ...call, signal });
    });
    address = target === undefined ? undefined : addressIn(target);
  } catch (error) {
    log.error('a product action could not be opened', { action, error });
    throw new Refusal(502, 'This cannot be opened at the moment. Please try again in a few minutes.');
  }
  if (address === undefined) throw new Refusal(404, 'There is no such action.');
  return address;
}

/** @throws TypeError */
function addressIn(target: unknown): string {
  if (typeof target === 'string' && URL.canParse(target)) {
    const { protocol, href } = new URL(target);
    if (['http:', 'https:'].includes(protocol)) return href;
  }
  throw new TypeError('it returned no address of http or https');
}
