import type { FastifyInstance } from 'fastify';
import { DISTRIBUTOR, VENDOR } from './accounts';
import { EVENTS } from './catalogue';
import { notFound } from './errors';
import { answerList } from './list';
import { PLACES, type Place } from './places';
import { choice, text, type Fields } from './rql/fields';

function marketplaceView({ channel, currency, zone, country }: Place): object {
  const { id, name, icon } = channel.marketplace;
  return {
    id,
    name,
    icon,
    description: 'Where the sandbox sells.',
    owner: { id: DISTRIBUTOR.id, name: DISTRIBUTOR.name },
    zone,
    currency,
    countries: [country],
    hubs: [{ hub: channel.connection.hub, external_id: channel.connection.hub.id.slice(-1) }],
    active_contracts: 1,
    stats: { hubs: 1, contracts: 1 },
    events: EVENTS,
  };
}

function contractView({ channel }: Place): object {
  const { contract, marketplace } = channel;
  return {
    id: contract.id,
    name: contract.name,
    type: contract.type,
    status: 'active',
    version: 1,
    kind: 'production',
    marketplace,
    agreement: { id: `AGP-100-000-00${contract.id.slice(-1)}`, name: `Agreement of ${marketplace.name}` },
    owner: { id: VENDOR.id, name: VENDOR.name },
    issuer: { id: DISTRIBUTOR.id, name: DISTRIBUTOR.name },
    creator: { id: 'UR-000-000-001', name: 'Sandbox Person' },
    enrolled: EVENTS.created.at,
    version_created: EVENTS.created.at,
    events: EVENTS,
  };
}

const marketplaceFields: Fields<Place> = {
  id: text(({ channel }) => channel.marketplace.id, { orderable: true }),
  name: text(({ channel }) => channel.marketplace.name, { orderable: true }),
};

const contractFields: Fields<Place> = {
  id: text(({ channel }) => channel.contract.id, { orderable: true }),
  type: choice(
    ['distribution', 'program', 'service', 'syndication', 'referral'],
    ({ channel }) => channel.contract.type,
  ),
  status: choice(['new', 'enrolling', 'pending', 'active', 'terminated', 'rejected'], () => 'active'),
  'marketplace.id': text(({ channel }) => channel.marketplace.id),
  'owner.id': text(() => VENDOR.id),
};

/** `/marketplaces` and `/contracts`: where the products are sold. */
export function channelRoutes(app: FastifyInstance): void {
  app.get('/marketplaces', (request, reply) =>
    answerList(request, reply, PLACES, { fields: marketplaceFields, view: marketplaceView }),
  );
  app.get<{ Params: { id: string } }>('/marketplaces/:id', ({ params }) => {
    const place = PLACES.find(({ channel }) => channel.marketplace.id === params.id);
    if (place === undefined) throw notFound('Marketplace', params.id);
    return marketplaceView(place);
  });
  app.get('/contracts', (request, reply) =>
    answerList(request, reply, PLACES, { fields: contractFields, view: contractView }),
  );
  app.get<{ Params: { id: string } }>('/contracts/:id', ({ params }) => {
    const place = PLACES.find(({ channel }) => channel.contract.id === params.id);
    if (place === undefined) throw notFound('Contract', params.id);
    return contractView(place);
  });
}
