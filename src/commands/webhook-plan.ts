import type { NewWebhook, Webhook } from '../connect/webhooks';
import { TIER_CONFIG_VALIDATORS, validatorsOf } from '../sdk/validation';
import type { Vendors } from '../sdk/vendor';
import type { SelectionByProduct } from '../selection';

/** By its label a webhook is ours; whatever has another one is somebody else's. */
const LABEL = 'connect-processor: ';
export const isOurs = ({ label }: Webhook) => label.startsWith(LABEL);

/**
 * Those that concern this deployment: of its products, whoever made them; and those of ours that call it about a product that it does not list,
 * say any more.
 *
 * @param url as for `wantedWebhooks`; left out where it is not known
 */
export function concerning(all: readonly Webhook[], products: readonly string[], url: string | undefined): Webhook[] {
  return all.filter((webhook) => {
    if (webhook.product && products.includes(webhook.product.id)) return true;
    return url !== undefined && isOurs(webhook) && elsewhere([webhook], url).length === 0;
  });
}

const EVENTS = '/webhooks/connect';
const VALIDATORS = '/validate';

/** Those of ours that call elsewhere than this deployment listens: another deployment may live by them. @param url as for `wantedWebhooks` */
export function elsewhere(inConnect: readonly Webhook[], url: string): Webhook[] {
  const here = [url + EVENTS, url + VALIDATORS];
  return inConnect.filter((webhook) => isOurs(webhook) && !here.includes(webhook.external_url));
}

/**
 * Parts those that are passed over from the rest: of a product that is switched off here, and calling elsewhere. Another deployment serves the
 * product, so they are neither ours to change nor wrong.
 *
 * @param url as for `wantedWebhooks`
 */
export function passOver(
  inConnect: readonly Webhook[],
  selections: SelectionByProduct,
  url: string,
): { passedOver: Webhook[]; rest: Webhook[] } {
  const passedOver = elsewhere(inConnect, url).filter(
    ({ product }) => product && selections[product.id]?.process === false,
  );
  return { passedOver, rest: inConnect.filter((webhook) => !passedOver.includes(webhook)) };
}

/** So many webhooks are named in one error. */
const MOST_NAMED = 5;

/** Webhooks of these products serve another deployment, which would be called no more. */
export class WebhooksTaken extends Error {
  constructor(command: 'apply' | 'remove', taken: readonly Webhook[], url: string) {
    const aim = command === 'apply' ? "make them this one's" : 'remove them';
    super(
      [
        `Nothing was changed: webhooks of these products call elsewhere than WEBHOOK_URL, ${url}, and another deployment may live by them. The webhooks of a product serve one deployment: give this one products of its own, or do without webhooks, since the rounds find every order. To ${aim}, and leave the other deployment without calls: \`connect-processor webhooks ${command} --take-over\`.`,
        ...taken
          .slice(0, MOST_NAMED)
          .map((webhook) => `  ${webhook.id} ${nameOf(webhook)} calls ${webhook.external_url}`),
        ...(taken.length > MOST_NAMED
          ? [`  and ${taken.length - MOST_NAMED} more: connect-processor webhooks show`]
          : []),
      ].join('\n'),
    );
    this.name = 'WebhooksTaken';
  }
}

/** What one of ours is about, for people. */
export function nameOf(webhook: NewWebhook | Webhook): string {
  const product = 'product_id' in webhook ? webhook.product_id : webhook.product?.id;
  return `${product} ${webhook.label.slice(LABEL.length)}`;
}

/**
 * The webhooks that Connect needs: for each product one for each kind of request, and then the validators of its vendor, which a product may
 * lack the capability for. None for a product that is switched off.
 *
 * @param call where Connect reaches the listener, without a slash at its end, and with what it signs
 */
export function wantedWebhooks(
  { vendors, selections }: { vendors: Vendors; selections: SelectionByProduct },
  call: { url: string; secret: string },
): NewWebhook[] {
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
  const served = [...vendors].filter(([product]) => selections[product]?.process !== false);
  const events = served.flatMap(([product]) => [
    make(product, 'event', 'fulfillment_request', EVENTS),
    make(product, 'event', 'tier_config_request', EVENTS),
  ]);
  const validators = served.flatMap(([product, { validate }]) =>
    (validate ? validatorsOf(validate) : []).map((type) => {
      const objectClass = tierConfig.includes(type) ? 'tier_config_request' : 'fulfillment_request';
      return make(product, type, objectClass, VALIDATORS);
    }),
  );
  return [...events, ...validators];
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
