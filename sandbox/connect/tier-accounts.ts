import type { FastifyInstance } from 'fastify';
import { randomUUID } from 'node:crypto';
import { DISTRIBUTOR } from './accounts';
import { isoSecond } from './clock';
import { invalid, notFound } from './errors';
import { answerList } from './list';
import type { TierAccount, Tiers } from './model';
import { choice, date, text, type Fields } from './rql/fields';
import type { Store } from './store';

const CONTACT_INFO = {
  address_line1: 'Sandbox Street 1',
  address_line2: '',
  city: 'Barcelona',
  state: 'Barcelona',
  postal_code: '08001',
  country: 'es',
  contact: {
    first_name: 'Ada',
    last_name: 'Byron',
    email: 'ada@customer.example',
    phone_number: { country_code: '+34', area_code: '93', phone_number: '1234567', extension: '' },
  },
};

interface AccountInput {
  id?: string;
  name?: string;
  external_id?: string;
  external_uid?: string;
  tax_id?: string;
  contact_info?: Record<string, unknown>;
}

/**
 * The account that an order names: by id, else by a known `external_uid`, else a new one.
 *
 * @throws ConnectError 400 for an id that does not exist
 */
function resolveAccount(store: Store, input: unknown, type: TierAccount['type']): TierAccount {
  const wanted = (input ?? {}) as AccountInput;
  if (wanted.id !== undefined) {
    const known = store.tierAccounts.get(wanted.id);
    if (known === undefined) throw invalid('asset.tiers', `Tier account ${wanted.id} does not exist.`);
    return known;
  }
  const uid = wanted.external_uid ?? randomUUID();
  const known = store.accountByExternalUid.get(uid);
  if (known !== undefined) return known;

  const id = store.ids.tierAccount();
  const now = Date.now();
  const account: TierAccount = {
    seq: store.next(),
    id,
    status: 'active',
    type,
    name: wanted.name ?? (type === 'customer' ? `Customer ${id.slice(-4)}` : `Reseller ${id.slice(-4)}`),
    external_id: wanted.external_id ?? id.slice(-4),
    external_uid: uid,
    tax_id: wanted.tax_id ?? '',
    contact_info: wanted.contact_info ?? CONTACT_INFO,
    createdMs: now,
    updatedMs: now,
  };
  store.tierAccounts.add(account);
  store.accountByExternalUid.set(uid, account);
  return account;
}

/** The reseller of orders that name none. */
const DEFAULT_RESELLER = {
  external_uid: 'sandbox-reseller',
  external_id: 'sandbox-reseller',
  name: 'Sandbox Reseller',
};

/** The three tiers of an order; a tier 1 that is not named is the default reseller, a tier 2 stays empty. */
export function resolveTiers(store: Store, input: unknown): Tiers {
  const tiers = (input ?? {}) as { customer?: unknown; tier1?: unknown; tier2?: unknown };
  return {
    customer: resolveAccount(store, tiers.customer, 'customer'),
    tier1: resolveAccount(store, isFilled(tiers.tier1) ? tiers.tier1 : DEFAULT_RESELLER, 'reseller'),
    tier2: isFilled(tiers.tier2) ? resolveAccount(store, tiers.tier2, 'reseller') : undefined,
  };
}

function isFilled(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** An account as it stands inside a request, a subscription or a tier configuration. */
export function accountView(account: TierAccount | undefined): object {
  if (account === undefined) return {};
  const { id, type, name, external_id, external_uid, tax_id, contact_info } = account;
  return { id, type, name, external_id, external_uid, tax_id, contact_info };
}

function fullView(account: TierAccount): object {
  return {
    ...accountView(account),
    version: 1,
    db: 'EU',
    parent: {},
    owner: { id: DISTRIBUTOR.id, name: DISTRIBUTOR.name },
    scopes: [account.type === 'customer' ? 'customer' : 'tier1'],
    environment: 'production',
    events: { created: { at: isoSecond(account.createdMs) }, updated: { at: isoSecond(account.updatedMs) } },
  };
}

const fields: Fields<TierAccount> = {
  id: text((account) => account.id),
  name: text((account) => account.name, { orderable: true }),
  external_id: text((account) => account.external_id, { orderable: true }),
  external_uid: text((account) => account.external_uid),
  type: choice(['customer', 'reseller'], (account) => account.type),
  'events.created.at': date((account) => account.createdMs),
};

/** `/tier/accounts` */
export function tierAccountRoutes(app: FastifyInstance, store: Store): void {
  app.get('/tier/accounts', (request, reply) =>
    answerList(request, reply, store.tierAccounts, { fields, view: fullView, search: ({ id, name }) => [id, name] }),
  );
  app.get<{ Params: { id: string } }>('/tier/accounts/:id', ({ params }) => {
    const account = store.tierAccounts.get(params.id);
    if (account === undefined) throw notFound('Tier account', params.id);
    return fullView(account);
  });
}
