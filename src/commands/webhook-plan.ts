import type { NewWebhook, Webhook } from '../connect/webhooks';
import { TIER_CONFIG_VALIDATORS, validatorsOf } from '../sdk/validation';
import type { Vendors } from '../sdk/vendor';

/** By its label a webhook is ours; whatever has another one is somebody else's. */
const LABEL = 'connect-processor: ';
export const isOurs = ({ label }: Webhook) => label.startsWith(LABEL);

/** What one of ours is about, for people. */
export function nameOf(webhook: NewWebhook | Webhook): string {
  const product = 'product_id' in webhook ? webhook.product_id : webhook.product?.id;
  return `${product} ${webhook.label.slice(LABEL.length)}`;
}

/**
 * The webhooks that Connect needs: for each product one for each kind of request, and the validators of its vendor.
 *
 * @param call where Connect reaches the listener, without a slash at its end, and with what it signs
 */
export function wantedWebhooks(vendors: Vendors, call: { url: string; secret: string }): NewWebhook[] {
  const tierConfig: readonly string[] = TIER_CONFIG_VALIDATORS;
  const make = (product_id: string, type: string, object_class: string, path: string): NewWebhook => ({
    type,
    object_class,
    product_id,
    label: `${LABEL}${type} ${object_class}`,
    external_url: call.url + path,
    description: 'Made by `connect-processor webhooks apply`, which finds it by its label.',
    jwt_secret: call.secret,
    active: true,
    http_method: 'POST',
    data: {},
    headers: {},
  });
  return [...vendors].flatMap(([product, { validate }]) => [
    make(product, 'event', 'fulfillment_request', '/webhooks/connect'),
    make(product, 'event', 'tier_config_request', '/webhooks/connect'),
    ...(validate ? validatorsOf(validate) : []).map((type) => {
      const objectClass = tierConfig.includes(type) ? 'tier_config_request' : 'fulfillment_request';
      return make(product, type, objectClass, '/validate');
    }),
  ]);
}

const COMPARED = ['type', 'object_class', 'external_url', 'jwt_secret', 'active', 'http_method'] as const;

/** A webhook that is needed, and the one of ours that Connect has for it. */
export interface Planned {
  webhook: NewWebhook;
  found: Webhook | undefined;
  /** In what the two differ. */
  differs: readonly (typeof COMPARED)[number][];
}

/** @returns what is needed beside what is there, and those of ours that nobody needs any more */
export function planOf(
  wanted: readonly NewWebhook[],
  inConnect: readonly Webhook[],
): { planned: Planned[]; superfluous: Webhook[] } {
  const superfluous = inConnect.filter(isOurs);
  const planned = wanted.map((webhook) => {
    const at = superfluous.findIndex(
      ({ label, product }) => label === webhook.label && product?.id === webhook.product_id,
    );
    const [found] = at < 0 ? [] : superfluous.splice(at, 1);
    return { webhook, found, differs: found ? COMPARED.filter((name) => found[name] !== webhook[name]) : [] };
  });
  return { planned, superfluous };
}
