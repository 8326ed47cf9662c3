import type { JWTPayload } from 'jose';
import { z } from 'zod';
import { Refusal } from './refusal';

/** What Connect posts when the queue of a product has changed. It names no request: whoever hears it looks for themselves. */
const Event = z.object({ webhook_id: z.string().nullish(), object_class: z.string().nullish() });

/** What a round looks for. */
const WAKES = ['fulfillment_request', 'tier_config_request'];

/**
 * Reads an event.
 *
 * @param claims what Connect signed
 * @returns whether a round is to look
 * @throws Refusal 400 where it is no event, 401 where it is another webhook's than the one that was signed
 */
export function readEvent(body: unknown, claims: JWTPayload): boolean {
  const event = Event.safeParse(body);
  if (!event.success) throw new Refusal(400, 'The body is no event of a webhook.');
  const { webhook_id: webhookId, object_class: objectClass } = event.data;
  const signed = claims['webhook_id'];
  if (signed !== undefined && !webhookId) throw new Refusal(400, 'The body names no webhook_id.');
  if (signed !== undefined && signed !== webhookId) throw new Refusal(401, 'The token is of another webhook.');
  return !objectClass || WAKES.includes(objectClass);
}
