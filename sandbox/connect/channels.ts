import type { FastifyInstance } from 'fastify';
import { DISTRIBUTOR, VENDOR } from './accounts';
import { CHANNELS, EVENTS } from './catalogue';
import { notFound } from './errors';
import { answerList } from './list';
import { choice, text, type Fields } from './rql/fields';

const MARKETPLACES = [CHANNELS.production.marketplace];
const CONTRACTS = [{ ...CHANNELS.production.contract, marketplace: CHANNELS.production.marketplace, status: 'active' }];

type Marketplace = (typeof MARKETPLACES)[number];
type Contract = (typeof CONTRACTS)[number];

function marketplaceView({ id, name, icon }: Marketplace): object {
  return {
    id,
    name,
    icon,
    description: 'Where the sandbox sells.',
    owner: { id: DISTRIBUTOR.id, name: DISTRIBUTOR.name },
    zone: 'EU',
    currency: 'EUR',
    countries: [{ id: 'ES', name: 'Spain' }],
    hubs: [{ hub: CHANNELS.production.connection.hub, external_id: '1' }],
    active_contracts: 1,
    stats: { hubs: 1, contracts: 1 },
    events: EVENTS,
  };
}

function contractView({ id, name, type, status, marketplace }: Contract): object {
  return {
    id,
    name,
    type,
    status,
    version: 1,
    kind: 'production',
    marketplace,
    agreement: { id: 'AGP-100-000-001', name: 'Agreement of Sandbox Marketplace' },
    owner: { id: VENDOR.id, name: VENDOR.name },
    issuer: { id: DISTRIBUTOR.id, name: DISTRIBUTOR.name },
    creator: { id: 'UR-000-000-001', name: 'Sandbox Person' },
    enrolled: EVENTS.created.at,
    version_created: EVENTS.created.at,
    events: EVENTS,
  };
}

const contractFields: Fields<Contract> = {
  id: text((contract) => contract.id, { orderable: true }),
  type: choice(['distribution', 'program', 'service', 'syndication', 'referral'], (contract) => contract.type),
  status: choice(['new', 'enrolling', 'pending', 'active', 'terminated', 'rejected'], (contract) => contract.status),
  'marketplace.id': text((contract) => contract.marketplace.id),
  'owner.id': text(() => VENDOR.id),
};

/** `/marketplaces` and `/contracts`: where the products are sold. */
export function channelRoutes(app: FastifyInstance): void {
  app.get('/marketplaces', (request, reply) =>
    answerList(request, reply, MARKETPLACES, {
      fields: { id: text((one) => one.id, { orderable: true }), name: text((one) => one.name, { orderable: true }) },
      view: marketplaceView,
    }),
  );
  app.get<{ Params: { id: string } }>('/marketplaces/:id', ({ params }) =>
    marketplaceView(existing(MARKETPLACES, 'Marketplace', params.id)),
  );
  app.get('/contracts', (request, reply) =>
    answerList(request, reply, CONTRACTS, { fields: contractFields, view: contractView }),
  );
  app.get<{ Params: { id: string } }>('/contracts/:id', ({ params }) =>
    contractView(existing(CONTRACTS, 'Contract', params.id)),
  );
}

function existing<T extends { id: string }>(records: T[], what: string, id: string): T {
  const record = records.find((one) => one.id === id);
  if (record === undefined) throw notFound(what, id);
  return record;
}
