import { type Dispatcher, request } from 'undici';
import { VendorUnavailable } from '../sdk';

/** A tenant: what a subscription is at this vendor. */
export interface Tenant {
  tenantId: string;
  ready: boolean;
}

/** What a tenant used of an item. */
export interface Usage {
  id: string;
  /** The subscription's id in Connect. */
  external_id: string;
  mpn: string;
  quantity: number;
  /** First and last second, ISO 8601. */
  start: string;
  end: string;
}

/** The vendor's own API, as far as the handlers need it. Each call takes the request's abort signal. */
export type VendorApi = ReturnType<typeof createVendorApi>;

/**
 * @param url for example `http://127.0.0.1:4001`
 * @throws TypeError where a setting is missing
 */
export function createVendorApi(url: string | undefined, key: string | undefined) {
  if (!url || !key) throw new TypeError('The example vendor needs VENDOR_API_URL and VENDOR_API_KEY.');

  const call = caller(url, key);
  return {
    async findTenant(externalId: string, signal: AbortSignal): Promise<Tenant | undefined> {
      const tenants = (await call('GET', `/tenant?external_id=${encodeURIComponent(externalId)}`, signal)) as Tenant[];
      return tenants[0];
    },

    /** @param idempotencyKey the same for each attempt, so that a repeated call creates nothing */
    async createTenant(
      tenant: { externalId: string; adminEmail: string; seats: number },
      { idempotencyKey, signal }: { idempotencyKey: string; signal: AbortSignal },
    ): Promise<Tenant> {
      const body = {
        external_id: tenant.externalId,
        admin_email: tenant.adminEmail,
        licences: { limit: tenant.seats },
      };
      return (await call('POST', '/tenant', signal, body, { 'idempotency-key': idempotencyKey })) as Tenant;
    },

    async updateTenant(
      tenantId: string,
      { adminEmail, seats }: { adminEmail: string; seats: number },
      signal: AbortSignal,
    ): Promise<void> {
      await call('PUT', tenantPath(tenantId), signal, { admin_email: adminEmail, licences: { limit: seats } });
    },

    async disable(tenantId: string, signal: AbortSignal): Promise<void> {
      await call('PUT', `${tenantPath(tenantId)}/disable`, signal);
    },

    async enable(tenantId: string, signal: AbortSignal): Promise<void> {
      await call('PUT', `${tenantPath(tenantId)}/enable`, signal);
    },

    async remove(tenantId: string, signal: AbortSignal): Promise<void> {
      await call('DELETE', tenantPath(tenantId), signal);
    },

    /** Where a person looks at a tenant. */
    panelOf: (tenantId: string): string => `${url}/panel/${encodeURIComponent(tenantId)}`,

    /** What tenants of a product used in a month, page after page. @param period `2026-10` */
    async *usage(period: string, product: string, signal: AbortSignal): AsyncGenerator<Usage> {
      for (let next: string | null = ''; next !== null;) {
        const query = new URLSearchParams({ period, product, ...(next && { cursor: next }) });
        const page = (await call('GET', `/usage?${query.toString()}`, signal)) as {
          records: Usage[];
          next: string | null;
        };
        yield* page.records;
        next = page.next;
      }
    },

    /** Is it there, and does it let us in? */
    async check(signal: AbortSignal): Promise<void> {
      await call('GET', '/tenant?external_id=connect-processor-check', signal);
    },
  };
}

type Call = (
  method: Dispatcher.HttpMethod,
  path: string,
  signal: AbortSignal,
  body?: object,
  headers?: Record<string, string>,
) => Promise<unknown>;

/** One call: what the API answers with, or an error that says whether trying again may help. */
function caller(url: string, key: string): Call {
  return async (method, path, signal, body, headers) => {
    const noAnswer = (what: string) => (error: unknown) => {
      if (signal.aborted) throw error;
      throw new VendorUnavailable(`${method} ${path}${what}`, { cause: error });
    };
    const response = await request(`${url}${path}`, {
      method,
      signal,
      headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    }).catch(noAnswer(': no answer'));
    const { statusCode: status } = response;
    const message = `${method} ${path} answered ${status}`;
    const retryAfterSeconds = Number(response.headers['retry-after']) || undefined;
    if (status < 300 && status !== 204)
      return await response.body.json().catch(noAnswer(` answered ${status}, and no JSON`));

    await response.body.dump().catch(() => undefined); // it may break off, and nobody needs it
    if (status === 204) return undefined;
    if (status === 429 || status >= 500) throw new VendorUnavailable(message, { retryAfterSeconds });
    throw new Error(message);
  };
}

/** @throws TypeError for an empty id, which would name another resource */
function tenantPath(tenantId: string): string {
  if (tenantId === '') throw new TypeError('The subscription has no tenant id: parameter "subscription_id" is empty.');
  return `/tenant/${encodeURIComponent(tenantId)}`;
}
