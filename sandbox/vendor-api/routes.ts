import type { FastifyInstance } from 'fastify';
import type { Metering, UsageQuery } from './metering';
import { VendorError, type Tenants } from './tenants';

export const VENDOR_API_KEY = 'sandbox-vendor-api-key';

/** What needs no key. */
const OPEN = ['/health', '/panel/:id'];

interface WithId {
  Params: { id: string };
  Body: Record<string, unknown> | null;
}

/** The example vendor's API: tenants and their usage behind `Authorization: Bearer …`, `/health` for everybody, and a page that stands for a control panel. */
export function vendorRoutes(app: FastifyInstance, tenants: Tenants, metering: Metering): void {
  app.addHook('onRequest', async (request) => {
    if (OPEN.includes(request.routeOptions.url ?? '')) return;
    if (request.headers.authorization === `Bearer ${VENDOR_API_KEY}`) return;
    throw new VendorError(401, 'unauthorized', 'Send the key as "Authorization: Bearer ...".');
  });

  app.get('/health', () => ({ status: 'ok' }));

  app.post<{ Body: Record<string, unknown> | null }>('/tenant', (request, reply) => {
    const key = request.headers['idempotency-key'];
    const tenant = tenants.create(request.body ?? {}, typeof key === 'string' ? key : undefined);
    reply.code(201);
    return tenant;
  });
  app.get<{ Querystring: { external_id?: string } }>('/tenant', ({ query }) => {
    if (query.external_id === undefined) throw new VendorError(400, 'invalid', 'external_id: name one in the query');
    return tenants.find(query.external_id);
  });
  app.get<WithId>('/tenant/:id', ({ params }) => tenants.get(params.id));
  app.put<WithId>('/tenant/:id', ({ params, body }) => tenants.update(params.id, body ?? {}));
  app.put<WithId>('/tenant/:id/disable', ({ params }) => tenants.setStatus(params.id, 'disabled'));
  app.put<WithId>('/tenant/:id/enable', ({ params }) => tenants.setStatus(params.id, 'enabled'));
  app.delete<WithId>('/tenant/:id', ({ params }, reply) => {
    tenants.setStatus(params.id, 'deleted');
    return reply.code(204).send();
  });

  app.get<WithId>('/panel/:id', ({ params }, reply) => {
    const { tenantId, admin_email: email, licences, status } = tenants.get(params.id);
    reply.type('text/html');
    return panel(`Control panel of ${tenantId}`, `${status}, ${licences.limit} seats, administrator ${email}`);
  });

  app.get<{ Querystring: Partial<UsageQuery> }>('/usage', ({ query: { period, ...rest } }) => {
    if (period === undefined) throw new VendorError(400, 'invalid', 'period: name a month in the query');
    return metering.page({ period, ...rest });
  });
}

function panel(title: string, text: string): string {
  const plain = (words: string) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<!doctype html><title>${plain(title)}</title><h1>${plain(title)}</h1><p>${plain(text)}</p>\n`;
}
