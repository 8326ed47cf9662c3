import { setTimeout as pause } from 'node:timers/promises';
import type { CallCount } from './call-counters';
import type { Transition } from './connect/journal';
import { ControlHttp, SandboxRefusal, type WaitOptions } from './control-http';
import type { OrderSpec, PlacedOrder, SeededSubscription, SubscriptionSpec } from './control/orders';
import type { Settings } from './control/settings';
import type { UsageFileState } from './control/usage';
import type { Fault, FaultSpec } from './faults';
import type { Sandbox } from './main';
import { UsageControl } from './usage-control';
import type { Tenant } from './vendor-api/tenants';

export { SandboxRefusal };
export type {
  CallCount,
  Fault,
  FaultSpec,
  OrderSpec,
  PlacedOrder,
  SeededSubscription,
  Settings,
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
  usageFiles: Record<string, number>;
  assets: Record<string, number>;
  tenants: number;
  /** External ids with more than one tenant: what must not happen. */
  doubledTenants: string[];
  faults: number;
}

export interface Counters {
  calls: CallCount[];
  /** By object id: how often an action took effect. */
  effects: Record<string, Record<string, number>>;
}

/** What a request or a usage file counts. */
type Effect =
  'approve' | 'fail' | 'inquire' | 'save' | 'create' | 'upload' | 'submit' | 'accept' | 'reject' | 'close' | 'delete';

/** Drives a sandbox over HTTP: for the demo, the benchmark and the tests, each in a process of its own. */
export class SandboxControl {
  /** Usage files, and what the vendor counts. */
  readonly usage: UsageControl;

  private readonly http: ControlHttp;

  constructor(readonly sandbox: SandboxAddress) {
    this.http = new ControlHttp(sandbox.controlUrl);
    this.usage = new UsageControl(this.http);
  }

  /** Back to the first minute: no orders, usage files, tenants, faults or counts. Latency stays. */
  async reset(): Promise<void> {
    await this.http.call('POST', '/reset');
  }

  async setLatency(ms: number): Promise<void> {
    await this.http.call('PUT', '/latency', { ms });
  }

  /** Switch how the sandbox behaves, until the next reset; what is not named stays. */
  async set(settings: Partial<Settings>): Promise<void> {
    await this.http.call('PUT', '/settings', settings);
  }

  async fault(spec: FaultSpec): Promise<Fault> {
    return this.http.call('POST', '/faults', spec);
  }

  /** A fault with its hits so far. @throws SandboxRefusal 404 where it is gone */
  async getFault(id: string): Promise<Fault> {
    return this.http.call('GET', `/faults/${id}`);
  }

  async clearFault(id: string): Promise<void> {
    await this.http.call('DELETE', `/faults/${id}`);
  }

  async clearFaults(): Promise<void> {
    await this.http.call('DELETE', '/faults');
  }

  async counters(): Promise<Counters> {
    return this.http.call('GET', '/counters');
  }

  async clearCounters(): Promise<void> {
    await this.http.call('DELETE', '/counters');
  }

  /** How often an action took effect on an object; 0 where it never did. */
  async effects(id: string, action: Effect): Promise<number> {
    return (await this.counters()).effects[id]?.[action] ?? 0;
  }

  async counts(): Promise<Counts> {
    return this.http.call('GET', '/counts');
  }

  /** Everything there is, in short. Large beside many orders; `counts` is cheap. */
  async state(): Promise<{
    counts: Counts;
    requests: PlacedOrder[];
    tierConfigRequests: TierRequestState[];
    usageFiles: UsageFileState[];
    tenants: Tenant[];
  }> {
    return this.http.call('GET', '/state');
  }

  /** Place orders. @throws SandboxRefusal with Connect's own error body */
  async placeOrders(spec: OrderSpec): Promise<PlacedOrder[]> {
    return (await this.http.call<{ requests: PlacedOrder[] }>('POST', '/orders', spec)).requests;
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
    return (await this.http.call<{ subscriptions: SeededSubscription[] }>('POST', '/subscriptions', body))
      .subscriptions;
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
    await this.http.call('POST', '/answers', { request: requestId, params, keep_errors: options.keepErrors });
  }

  /** Put a request into any status or type, known to Connect or not, without any rule. */
  async force(requestId: string, to: { status?: string; type?: string }): Promise<void> {
    await this.http.call('PATCH', `/requests/${requestId}`, to);
  }

  /** Make a request, or a tier config request, vanish: reading it answers 404. */
  async remove(requestId: string): Promise<void> {
    await this.http.call('DELETE', `/requests/${requestId}`);
  }

  /** Make a template vanish until the next reset. */
  async removeTemplate(productId: string, templateId: string): Promise<void> {
    await this.http.call('DELETE', `/products/${productId}/templates/${templateId}`);
  }

  /** All tenants that were ever created for a subscription, deleted ones too. */
  async tenantsOf(assetId: string): Promise<Tenant[]> {
    return this.http.call('GET', `/tenants?external_id=${encodeURIComponent(assetId)}`);
  }

  /** Every transition of a request, a tier config request, an asset or a usage file, with its time. */
  async timeline(id: string): Promise<Transition[]> {
    return this.http.timeline(id);
  }

  /**
   * Wait until a request, or a tier config request, has one of the statuses. The sandbox holds the call until then.
   *
   * @param statuses default `approved`, `failed`, `inquiring`, `revoked`
   * @returns the status
   * @throws Error with the timeline after `timeoutMs`, default 30 s
   */
  async untilSettled(requestId: string, options: WaitOptions = {}): Promise<string> {
    return this.http.untilStatus('requests', requestId, options);
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

  /** Call Connect itself. @param options a `FormData` as the body is sent as one. @returns status and parsed body; never throws for a status */
  async connect(
    method: string,
    path: string,
    options: { as?: 'vendor' | 'distributor'; body?: unknown } = {},
  ): Promise<{ status: number; headers: Headers; body: unknown }> {
    const key = options.as === 'distributor' ? this.sandbox.distributorKey : this.sandbox.vendorKey;
    const { body } = options;
    const response = await fetch(`${this.sandbox.connectUrl}${path}`, {
      method,
      headers: { authorization: key, ...(body instanceof FormData ? {} : { 'content-type': 'application/json' }) },
      body: body instanceof FormData ? body : body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json' && text !== '';
    return { status: response.status, headers: response.headers, body: isJson ? (JSON.parse(text) as unknown) : text };
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
