import { ApiError } from '../api-error';

/** What the vendor's system sells: one tenant a subscription. */
export interface Tenant {
  tenantId: string;
  external_id: string;
  admin_email: string;
  licences: { limit: number };
  status: 'enabled' | 'disabled' | 'deleted';
  /** First password of the administrator; given to whoever reads the tenant. */
  adminPassword: string;
  /** False while the vendor still works on it. */
  ready: boolean;
  created: string;
}

interface Stored extends Tenant {
  readyAtMs: number;
  deletedMs: number | undefined;
}

/** A refusal of this API: JSON `{"error": "...", "message": "..."}`. */
export class VendorError extends ApiError {
  constructor(
    readonly status: number,
    readonly error: string,
    message: string,
  ) {
    super(message);
    this.name = 'VendorError';
  }

  body(): Record<string, unknown> {
    return { error: this.error, message: this.message };
  }
}

/** The tenants of the example vendor. Deleted ones stay known here, so that nothing that was created hides. */
export class Tenants {
  /** How long a tenant of an administrator `slow@…` takes, in milliseconds. */
  readyAfterMs = 5_000;
  private readonly byId = new Map<string, Stored>();
  private readonly byExternalId = new Map<string, Stored[]>();
  private readonly byKey = new Map<string, Stored>();
  private count = 0;

  /**
   * Create a tenant; the same idempotency key answers the same tenant, whatever else is sent, until that is deleted.
   * Another key for the same `external_id` creates a second one.
   *
   * @throws VendorError 400 `invalid_email`, `refused` or `invalid`
   */
  create(input: { external_id?: unknown; admin_email?: unknown; licences?: unknown }, key: string | undefined): Tenant {
    const known = key === undefined ? undefined : this.byKey.get(key);
    if (known !== undefined && known.status !== 'deleted') return show(known);
    const { external_id: externalId } = input;
    if (typeof externalId !== 'string' || externalId === '') throw invalid('external_id: text expected');
    const email = emailOf(input);
    if (email.startsWith('refused@')) throw new VendorError(400, 'refused', 'This customer is not served.');
    this.count += 1;
    const now = Date.now();
    const tenant: Stored = {
      tenantId: `tenant-${String(this.count).padStart(6, '0')}`,
      external_id: externalId,
      admin_email: email,
      licences: { limit: limitOf(input) },
      status: 'enabled',
      adminPassword: `first-password-${this.count}`,
      ready: true,
      created: new Date(now).toISOString(),
      readyAtMs: this.readyAtMs(email, now),
      deletedMs: undefined,
    };
    this.byId.set(tenant.tenantId, tenant);
    const siblings = this.byExternalId.get(externalId);
    if (siblings === undefined) this.byExternalId.set(externalId, [tenant]);
    else siblings.push(tenant);
    if (key !== undefined) this.byKey.set(key, tenant);
    return show(tenant);
  }

  /** What the API shows for an `external_id`: not the deleted ones. */
  find(externalId: string): Tenant[] {
    return this.everCreated(externalId).filter(({ status }) => status !== 'deleted');
  }

  /** All tenants that were ever created for an `external_id`. */
  everCreated(externalId: string): Tenant[] {
    return (this.byExternalId.get(externalId) ?? []).map(show);
  }

  /** External ids that have more than one tenant: what must not happen. */
  doubled(): string[] {
    return [...this.byExternalId].filter(([, tenants]) => tenants.length > 1).map(([externalId]) => externalId);
  }

  all(): Tenant[] {
    return [...this.byId.values()].map(show);
  }

  /** Those that were not deleted before a moment. */
  *inUseSince(ms: number): Iterable<Tenant> {
    for (const tenant of this.byId.values()) if ((tenant.deletedMs ?? ms) >= ms) yield tenant;
  }

  get size(): number {
    return this.byId.size;
  }

  /** @throws VendorError 404 */
  get(id: string): Tenant {
    return show(this.existing(id));
  }

  /** Sets the limit, and the administrator where one is named. @throws VendorError 404, 400 */
  update(id: string, input: { admin_email?: unknown; licences?: unknown }): Tenant {
    const tenant = this.existing(id);
    const limit = limitOf(input);
    if (input.admin_email !== undefined) tenant.admin_email = emailOf(input);
    tenant.licences = { limit };
    return show(tenant);
  }

  /** Disabling twice is as good as once. @throws VendorError 404 */
  setStatus(id: string, status: Tenant['status']): Tenant {
    const tenant = this.existing(id);
    tenant.status = status;
    if (status === 'deleted') tenant.deletedMs = Date.now();
    return show(tenant);
  }

  clear(): void {
    this.byId.clear();
    this.byExternalId.clear();
    this.byKey.clear();
    this.readyAfterMs = 5_000;
  }

  /** A tenant of an administrator `never@…` is never ready. */
  private readyAtMs(email: string, now: number): number {
    if (email.startsWith('never@')) return Infinity;
    return email.startsWith('slow@') ? now + this.readyAfterMs : now;
  }

  private existing(id: string): Stored {
    const tenant = this.byId.get(id);
    if (tenant === undefined || tenant.status === 'deleted') {
      throw new VendorError(404, 'not_found', `There is no tenant ${id}.`);
    }
    return tenant;
  }
}

function show({ readyAtMs, deletedMs: _, ...tenant }: Stored): Tenant {
  return { ...tenant, ready: Date.now() >= readyAtMs };
}

function emailOf({ admin_email: email }: { admin_email?: unknown }): string {
  if (typeof email === 'string' && /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email)) return email;
  throw new VendorError(400, 'invalid_email', 'admin_email: not an e-mail address');
}

function limitOf(input: { licences?: unknown }): number {
  const limit = Number((input.licences as { limit?: unknown } | undefined)?.limit);
  if (!Number.isFinite(limit) || limit < 0) throw invalid('licences.limit: a number expected, 0 or more');
  return limit;
}

const invalid = (message: string) => new VendorError(400, 'invalid', message);
