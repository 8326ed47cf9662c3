import { createProducts } from './catalogue';
import { Collection } from './collection';
import { notFound } from './errors';
import { Ids } from './ids';
import { Journal } from './journal';
import { Links } from './links';
import type { Asset, Conversation, FulfillmentRequest, TierAccount, TierConfig, TierConfigRequest } from './model';
import type { Product } from './product-model';
import type { Reconciliation, UsageFile } from './usage/model';
import type { Webhook } from './webhook-model';

/** How usage files behave where Connect's documentation leaves it open, or where a test wants it. */
export interface UsageSettings {
  /** Milliseconds from an upload to its result, if reading the workbook does not take longer. */
  processingMs: number;
  /** What a file is called that may be submitted. */
  readyAs: 'ready' | 'uploaded';
  /** Status of the answer to an upload. */
  uploadAnswer: 200 | 201;
}

const USAGE_SETTINGS: UsageSettings = { processingMs: 300, readyAs: 'ready', uploadAnswer: 201 };

/** Everything this Connect knows. One instance a sandbox; all of it is in memory. */
export class Store {
  readonly ids = new Ids();
  readonly journal = new Journal();
  readonly products = new Map<string, Product>(createProducts().map((product) => [product.id, product]));
  readonly assets = new Collection<Asset>();
  readonly requests = new Collection<FulfillmentRequest>({ 'asset.id': (id) => this.assets.get(id)?.requests ?? [] });
  readonly tierAccounts = new Collection<TierAccount>();
  readonly tierConfigs = new Collection<TierConfig>();
  readonly tierConfigRequests = new Collection<TierConfigRequest>();
  readonly conversations = new Collection<Conversation>({
    instance_id: (id) => [this.conversationOf.get(id)].filter((one) => one !== undefined),
  });
  readonly usageFiles = new Collection<UsageFile>();
  readonly reconciliations = new Collection<Reconciliation>();
  readonly webhooks = new Collection<Webhook>();
  usageSettings = { ...USAGE_SETTINGS };
  readonly conversationOf = new Map<string, Conversation>();
  /** Tier accounts by the caller's own id, assets by theirs: how Connect recognises what it has seen before. */
  readonly accountByExternalUid = new Map<string, TierAccount>();
  /** By account, product, level and connection. */
  readonly tierConfigByKey = new Map<string, TierConfig>();
  readonly purchaseByExternalUid = new Map<string, FulfillmentRequest>();
  /** Whether the templates list honours a `name` filter; Connect's description declares only `scope` and `type`. */
  templatesHonourName = false;
  /** This Connect's own address, for links; set once the server listens. */
  baseUrl = '';
  readonly links = new Links();
  private readonly timers = new Set<NodeJS.Timeout>();
  private sequence = 0;

  next(): number {
    this.sequence += 1;
    return this.sequence;
  }

  request(id: string): FulfillmentRequest {
    return found(this.requests.get(id), 'Request', id);
  }

  asset(id: string): Asset {
    return found(this.assets.get(id), 'Asset', id);
  }

  product(id: string): Product {
    return found(this.products.get(id), 'Product', id);
  }

  usageFile(id: string): UsageFile {
    return found(this.usageFiles.get(id), 'Usage file', id);
  }

  webhook(id: string): Webhook {
    return found(this.webhooks.get(id), 'Webhook', id);
  }

  tierConfigRequest(id: string): TierConfigRequest {
    return found(this.tierConfigRequests.get(id), 'Tier configuration request', id);
  }

  /** Run once at an instant, unless the sandbox is closed or reset before. */
  at(ms: number, run: () => void): void {
    const timer = setTimeout(
      () => {
        this.timers.delete(timer);
        // A timer of Node holds 24 days at most; a later instant is approached in hops.
        if (Date.now() < ms) this.at(ms, run);
        else run();
      },
      Math.min(Math.max(ms - Date.now(), 0), 2 ** 31 - 1),
    );
    timer.unref();
    this.timers.add(timer);
  }

  /** Back to the first minute: no orders, no tier configurations. Ids go on in a new range. */
  reset(): void {
    this.stopTimers();
    for (const collection of [this.assets, this.requests, this.tierAccounts, this.tierConfigs]) collection.clear();
    this.tierConfigRequests.clear();
    this.usageFiles.clear();
    this.reconciliations.clear();
    this.webhooks.clear();
    this.usageSettings = { ...USAGE_SETTINGS };
    this.conversations.clear();
    this.conversationOf.clear();
    this.accountByExternalUid.clear();
    this.purchaseByExternalUid.clear();
    this.tierConfigByKey.clear();
    this.templatesHonourName = false;
    for (const product of createProducts()) this.products.set(product.id, product);
    this.ids.newRun();
    this.journal.clear();
  }

  stopTimers(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }
}

function found<T>(record: T | undefined, what: string, id: string): T {
  if (record === undefined) throw notFound(what, id);
  return record;
}
