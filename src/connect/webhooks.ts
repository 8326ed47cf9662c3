import { z } from 'zod';
import type { CallOptions, Http } from './http';
import { all, pages } from './pages';
import { optional, OptionalRef, Text } from './parameter';

/** Whom Connect calls, and when. */
const Webhook = z.object({
  id: z.string(),
  /** `event`, or one of the validators. */
  type: Text,
  object_class: Text,
  label: Text,
  product: OptionalRef,
  external_url: Text,
  /** Empty where Connect does not tell. */
  jwt_secret: Text,
  active: z.boolean().catch(false),
  http_method: Text,
  stats: optional(
    z.object({
      triggers: z.number().catch(0),
      success_triggers: z.number().catch(0),
      failure_triggers: z.number().catch(0),
      failure_since_last_success: z.number().catch(0),
    }),
  ),
  /** `status_code` 0: there was no answer. */
  last_failure: optional(z.object({ time: Text, status_code: z.number().catch(0) })),
});
export type Webhook = z.infer<typeof Webhook>;

/** What a webhook is created with, or becomes. */
export interface NewWebhook {
  type: string;
  object_class: string;
  /** At most 100 characters. */
  label: string;
  description: string;
  product_id: string;
  external_url: string;
  /** At most 100 characters. */
  jwt_secret: string;
  active: boolean;
  http_method: 'POST';
  data: Record<string, never>;
  headers: Record<string, never>;
}

export function webhooks(http: Http) {
  const route = '/notifications/webhooks';
  return {
    /** All of the account, whoever made them. @see GET /notifications/webhooks */
    all: (options?: CallOptions): Promise<Webhook[]> => all(pages(http, { route }, Webhook, {}, options), route),

    /** @see POST /notifications/webhooks */
    create: (webhook: NewWebhook, options?: CallOptions): Promise<Webhook> =>
      http.value({ method: 'POST', route, body: webhook }, Webhook, options),

    /** @see PUT /notifications/webhooks/{id} */
    update: (id: string, webhook: NewWebhook, options?: CallOptions): Promise<Webhook> =>
      http.value({ method: 'PUT', route: `${route}/{id}`, ids: [id], body: webhook }, Webhook, options),

    /** @see DELETE /notifications/webhooks/{id} */
    async delete(id: string, options?: CallOptions): Promise<void> {
      await http.answer({ method: 'DELETE', route: `${route}/{id}`, ids: [id] }, options);
    },
  };
}
