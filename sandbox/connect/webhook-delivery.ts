import { VENDOR } from './accounts';
import { isoSecond } from './clock';
import type { Store } from './store';
import { signedNow } from './token';
import type { Delivery, Webhook } from './webhook-model';

/** How long this Connect waits for an answer; the real one's patience is not documented. */
const PATIENCE_MS = 30_000;

/** What an event webhook is told: that the queue of a product has changed, and not by what. */
export function eventOf(store: Store, webhook: Webhook): object {
  return {
    webhook_id: webhook.id,
    webhook_name: webhook.label,
    object_class: webhook.objectClass,
    account_id: VENDOR.id,
    product_id: webhook.product.id,
    api_url: store.baseUrl,
    triggered_at: isoSecond(Date.now()),
    last_success_at: webhook.lastSuccess?.time ?? null,
    last_failure_at: webhook.lastFailure?.time ?? null,
    processing_timeout: PATIENCE_MS / 1000,
    data: webhook.data,
  };
}

/**
 * Call a webhook, once: what fails is counted and not tried again.
 *
 * @returns the JSON of an answer of 2xx, undefined for any other
 */
export async function deliver(webhook: Webhook, body: object): Promise<unknown> {
  const begun = Date.now();
  const { stats } = webhook;
  stats.triggers += 1;
  const delivery = (response: string, code: number): Delivery => ({
    time: isoSecond(begun),
    response: response.slice(0, 1000),
    duration: (Date.now() - begun) / 1000,
    status: code >= 200 && code < 300 ? 'success' : 'failure',
    status_code: code,
  });
  try {
    const answer = await post(webhook, body);
    const text = await answer.text();
    if (!answer.ok) throw Object.assign(new Error(text), { code: answer.status });
    stats.success_triggers += 1;
    stats.failure_since_last_success = 0;
    webhook.lastSuccess = delivery(text, answer.status);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch (error) {
    const { message, code } = error as { message: string; code?: unknown };
    stats.failure_triggers += 1;
    stats.failure_since_last_success += 1;
    webhook.lastFailure = delivery(message, typeof code === 'number' ? code : 0);
    return undefined;
  }
}

/** The token goes in both headers that are known of Connect. */
async function post({ id, url, secret, headers }: Webhook, body: object): Promise<Response> {
  const bearer = `Bearer ${signedNow({ webhook_id: id }, secret)}`;
  const own = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
  return fetch(url, {
    method: 'POST',
    headers: {
      ...Object.fromEntries(own),
      'content-type': 'application/json',
      authentication: bearer,
      authorization: bearer,
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MS),
    redirect: 'manual',
  });
}
