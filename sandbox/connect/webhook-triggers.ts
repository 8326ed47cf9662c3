import type { FulfillmentRequest, TierConfigRequest } from './model';
import { updateParameters } from './parameters';
import { requestView } from './request-view';
import type { Store } from './store';
import { tierConfigRequestView } from './tier-config-request-view';
import { setupsFor } from './tier-config-setup';
import { deliver, eventOf } from './webhook-delivery';
import type { Webhook } from './webhook-model';

/** Tell the event webhooks of a product whenever a request becomes pending. */
export function tellOfPending(store: Store): void {
  store.journal.onTransition((id, { to }) => {
    if (to !== 'pending' || store.webhooks.size === 0) return;
    const productId =
      store.requests.get(id)?.asset.product.id ?? store.tierConfigRequests.get(id)?.configuration.product.id;
    const objectClass = store.requests.get(id) ? 'fulfillment_request' : 'tier_config_request';
    for (const webhook of webhooksFor(store, productId, 'event')) {
      if (webhook.objectClass !== objectClass) continue;
      webhook.stats.events += 1;
      void deliver(webhook, eventOf(store, webhook));
    }
  });
}

/** Have a draft of an order validated by the vendor, and before it the drafts of what it will wait for: tier 2, then tier 1. */
export async function validateDraft(store: Store, request: FulfillmentRequest): Promise<void> {
  for (const setup of setupsFor(store, request)) {
    if (setup.status === 'draft') await validateTierConfigRequest(store, setup);
  }
  await validateRequest(store, request);
}

/** Have a draft, or the answer to an inquiry, validated by the vendor, where the product has a webhook for it. */
export async function validateRequest(store: Store, request: FulfillmentRequest): Promise<void> {
  const prefix = request.type === 'purchase' ? '' : `${request.type}_`;
  const type = `${prefix}${request.status === 'inquiring' ? 'inquiring_' : ''}validator`;
  for (const webhook of webhooksFor(store, request.asset.product.id, type)) {
    const answer = await deliver(webhook, requestView(store, request));
    take(request.params, object(object(answer).asset).params);
  }
}

/** The same for a tier config request. */
export async function validateTierConfigRequest(store: Store, request: TierConfigRequest): Promise<void> {
  const { level, product } = request.configuration;
  for (const webhook of webhooksFor(store, product.id, tierValidator(request.type, request.status, level))) {
    take(request.params, object(await deliver(webhook, tierConfigRequestView(request))).params);
  }
}

function tierValidator(type: string, status: string, level: number): string {
  if (status === 'inquiring') return `tcr_${type}_t${level}_inq_val`;
  return type === 'setup' ? `draft_tcr_t${level}_val` : `tcr_update_t${level}_validator`;
}

function webhooksFor(store: Store, productId: string | undefined, type: string): Webhook[] {
  return [...store.webhooks.all()].filter(
    (webhook) => webhook.active && webhook.type === type && webhook.product.id === productId,
  );
}

/** Values and errors that the vendor set; an answer that makes no sense is as none, and the order goes on. */
function take(params: FulfillmentRequest['params'], input: unknown): void {
  try {
    updateParameters(params, input, 'params');
  } catch {
    // The portal says nothing of it either.
  }
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
