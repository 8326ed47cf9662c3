import { setTimeout as pause } from 'node:timers/promises';
import type { CallCount } from './call-counters';
import type { Transition } from './connect/journal';
import type { OrderSpec, PlacedOrder, SeededSubscription, SubscriptionSpec } from './control/orders';
import type { Fault, FaultSpec } from './faults';
import type { Sandbox } from './main';
import type { Tenant } from './vendor-api/tenants';

export type {
  CallCount,
  Fault,
  FaultSpec,
  OrderSpec,
  PlacedOrder,
  SeededSubscription,
  SubscriptionSpec,
  Tenant,
  Transition,
};

/** What is needed to reach a sandbox from another process. */
export type SandboxAddress = Pick<Sandbox, 'controlUrl' | 'connectUrl' | 'vendorKey' | 'distributorKey' | 'products'>;

export interface Counts {
  /** Status to number of requests. */
  requests: Record<string, number>;
  tierConfigRequests: Record<string, number>;
  assets: Record<string, number>;
  tenants: number;
  /** External ids with more than one tenant: what must not happen. */
  doubledTenants: string[];
  faults: number;
}

export interface Counters {
  calls: CallCount[];
  /** By object id: how often `approve`, `fail`, `inquire`, `save` took effect. */
  effects: Record<string, Record<string, number>>;
}

/** The sandbox answered something else than 2xx to a control call. */
export class SandboxRefusal extends Error {
  constructor(
    readonly status: number,
    readonly body: unknown,
    call: string,
  ) {
    super(`${call}: ${status} ${JSON.stringify(body)}`);
    this.name = 'SandboxRefusal';
  }
}

/** Drives a sandbox over HTTP: for the demo, the benchmark and the tests, each in a process of its own. */
export class SandboxControl {
  constructor(readonly sandbox: SandboxAddress) {}

  /** Back to the first minute: no orders, tenants, faults or counts. Latency stays. */
  async reset(): Promise<void> {
    await this.call('POST', '/reset');
  }

  async setLatency(ms: number): Promise<void> {
    await this.call('PUT', '/latency', { ms });
  }

  /** @param vendorReadyAfterMs how long a tenant of `slow@…` takes; `templatesHonourName` see docs/sandbox.md */
  async set(settings: { vendorReadyAfterMs?: number; templatesHonourName?: boolean }): Promise<void> {
    await this.call('PUT', '/settings', settings);
  }

  async fault(spec: FaultSpec): Promise<Fault> {
    return this.call('POST', '/faults', spec);
  }

  /** A fault with its hits so far. @throws SandboxRefusal 404 where it is gone */
  async getFault(id: string): Promise<Fault> {
    return this.call('GET', `/faults/${id}`);
  }

  async clearFault(id: string): Promise<void> {
    await this.call('DELETE', `/faults/${id}`);
  }

  async clearFaults(): Promise<void> {
    await this.call('DELETE', '/faults');
  }

  async counters(): Promise<Counters> {
    return this.call('GET', '/counters');
  }

  async clearCounters(): Promise<void> {
    await this.call('DELETE', '/counters');
  }

  /** How often an action took effect on an object; 0 where it never did. */
  async effects(id: string, action: 'approve' | 'fail' | 'inquire' | 'save'): Promise<number> {
    return (await this.counters()).effects[id]?.[action] ?? 0;
  }

  async counts(): Promise<Counts> {
    return this.call('GET', '/counts');
  }

  /** Everything there is, in short. Large beside many orders; `counts` is cheap. */
  async state(): Promise<{
    counts: Counts;
    requests: PlacedOrder[];
    tierConfigRequests: TierRequestState[];
    tenants: Tenant[];
  }> {
    return this.call('GET', '/state');
  }

  /** Place orders. @throws SandboxRefusal with Connect's own error body */
  async placeOrders(spec: OrderSpec): Promise<PlacedOrder[]> {
    return (await this.call<{ requests: PlacedOrder[] }>('POST', '/orders', spec)).requests;
  }

  async placeOrder(spec: Omit<OrderSpec, 'count'>): Promise<PlacedOrder> {
    return (await this.placeOrders({ ...spec, count: 1 }))[0] as PlacedOrder;
  }

  /** A purchase, of the plain product unless said otherwise. */
  async placePurchase(spec: Omit<OrderSpec, 'count' | 'type'> = {}): Promise<PlacedOrder> {
    return this.placeOrder({ product: this.sandbox.products.plain, ...spec, type: 'purchase' });
  }

  /** Subscriptions that are active (or suspended) already, with their tenants; of the plain product by default. */
  async seedSubscriptions(spec: SubscriptionSpec = {}): Promise<SeededSubscription[]> {
    const body = { product: this.sandbox.products.plain, ...spec };
    return (await this.call<{ subscriptions: SeededSubscription[] }>('POST', '/subscriptions', body)).subscriptions;
  }

  async seedSubscription(spec: Omit<SubscriptionSpec, 'count'> = {}): Promise<SeededSubscription> {
    return (await this.seedSubscriptions({ ...spec, count: 1 }))[0] as SeededSubscription;
  }

  /** The customer, or the reseller, answers an inquiry. @param params parameter id to value */
  async answer(
    requestId: string,
    params: Record<string, string>,
    options: { keepErrors?: boolean } = {},
  ): Promise<void> {
    await this.call('POST', '/answers', { request: requestId, params, keep_errors: options.keepErrors });
  }

  /** Put a request into any status or type, known to Connect or not, without any rule. */
  async force(requestId: string, to: { status?: string; type?: string }): Promise<void> {
    await this.call('PATCH', `/requests/${requestId}`, to);
  }

  /** Make a request, or a tier config request, vanish: reading it answers 404. */
  async remove(requestId: string): Promise<void> {
    await this.call('DELETE', `/requests/${requestId}`);
  }

  /** Make a template vanish until the next reset. */
  async removeTemplate(productId: string, templateId: string): Promise<void> {
    await this.call('DELETE', `/products/${productId}/templates/${templateId}`);
  }

  /** All tenants that were ever created for a subscription, deleted ones too. */
  async tenantsOf(assetId: string): Promise<Tenant[]> {
    return this.call('GET', `/tenants?external_id=${encodeURIComponent(assetId)}`);
  }

  /** Every transition of a request, a tier config request or an asset, with its time. */
  async timeline(id: string): Promise<Transition[]> {
    return this.call('GET', `/requests/${id}/timeline`);
  }

  /**
   * Wait until a request, or a tier config request, has one of the statuses. The sandbox holds the call until then.
   *
   * @param statuses default `approved`, `failed`, `inquiring`, `revoked`
   * @returns the status
   * @throws Error with the timeline after `timeoutMs`, default 30 s
   */
  async untilSettled(requestId: string, options: { timeoutMs?: number; statuses?: string[] } = {}): Promise<string> {
    const { timeoutMs = 30_000, statuses } = options;
    const end = Date.now() + timeoutMs;
    const wanted = statuses === undefined ? '' : `&statuses=${statuses.join(',')}`;
    for (;;) {
      const left = Math.max(end - Date.now(), 0);
      const path = `/requests/${requestId}/settled?timeout_ms=${Math.min(left, 50_000)}${wanted}`;
      const { status, settled } = await this.call<{ status: string; settled: boolean }>('GET', path);
      if (settled) return status;
      if (Date.now() < end) continue;
      const story = (await this.timeline(requestId)).map(({ at, action, to }) => `${at} ${action} -> ${to}`).join('; ');
      throw new Error(`${requestId} is ${status} after ${timeoutMs} ms: ${story}`);
    }
  }

  /** Wait until the sandbox answers, as after it was started in another process. @throws after `timeoutMs` */
  async untilReady(timeoutMs = 10_000): Promise<void> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      try {
        await this.counts();
        return;
      } catch (error) {
        if (Date.now() >= end) throw error;
        await pause(50);
      }
    }
  }

  /** Call Connect itself. @returns status and parsed body; never throws for a status */
  async connect(
    method: string,
    path: string,
    options: { as?: 'vendor' | 'distributor'; body?: unknown } = {},
  ): Promise<{ status: number; headers: Headers; body: unknown }> {
    const key = options.as === 'distributor' ? this.sandbox.distributorKey : this.sandbox.vendorKey;
    const response = await fetch(`${this.sandbox.connectUrl}${path}`, {
      method,
      headers: { authorization: key, 'content-type': 'application/json' },
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json' && text !== '';
    return { status: response.status, headers: response.headers, body: isJson ? (JSON.parse(text) as unknown) : text };
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.sandbox.controlUrl}${path}`, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const parsed: unknown = text === '' ? undefined : JSON.parse(text);
    if (!response.ok) throw new SandboxRefusal(response.status, parsed, `${method} ${path}`);
    return parsed as T;
  }
}

export interface TierRequestState {
  id: string;
  type: string;
  status: string;
  level: 1 | 2;
  /** External id of the tier account that it is for. */
  reseller: string;
  product: { id: string };
}
