import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { ApiError } from './api-error';
import type { CallCounters } from './call-counters';
import { faultyAnswer, type Fault, type Faults } from './faults';
import { acceptForms } from './multipart';

declare module 'fastify' {
  interface FastifyRequest {
    /** The fault that meets this call; null where none does. */
    fault: Fault | null;
  }
}

/** What the two APIs share with the control interface. */
export interface Conditions {
  faults: Faults;
  counters: CallCounters;
  /** Milliseconds that every call waits before it is handled. */
  latencyMs: number;
}

/** A server that reads forms, JSON of any other type, and a trailing slash like none. */
export function createServer(): FastifyInstance {
  const app = fastify({
    routerOptions: { ignoreTrailingSlash: true },
    bodyLimit: 16 * 1024 * 1024,
    forceCloseConnections: true,
  });
  app.decorateRequest('fault', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? null : JSON.parse(body as string));
    } catch {
      done(Object.assign(new Error('JSON parse error.'), { statusCode: 400 }), undefined);
    }
  });
  acceptForms(app);
  // Connect's content type is bare; a client may compare it as a whole.
  app.addHook('onSend', async (_request, reply, payload) => {
    const type = reply.getHeader('content-type');
    if (typeof type === 'string' && type.startsWith('application/json'))
      reply.header('content-type', 'application/json');
    return payload;
  });
  return app;
}

/**
 * Put an API under the conditions: latency, faults, counters, errors in its own shape.
 *
 * @param root path that the API lives under, which faults and counters leave out
 * @param errorBody how this API words an error
 */
export function underConditions(
  app: FastifyInstance,
  api: 'connect' | 'vendor',
  root: string,
  conditions: Conditions,
  errorBody: (status: number, text: string) => object,
): void {
  const count = (request: FastifyRequest, status: string) =>
    conditions.counters.count(api, request.method, pathTemplate(request, root), status);

  app.addHook('onRequest', async () => {
    if (conditions.latencyMs > 0) await pause(conditions.latencyMs);
  });

  app.addHook('preHandler', async (request, reply) => {
    const [path = '', query = ''] = request.url.slice(root.length).split('?');
    const content = () => `${decodeURIComponent(query)} ${JSON.stringify(request.body ?? null)}`;
    request.fault = conditions.faults.meet(api, request.method, path, content) ?? null;
    if (request.fault === null) return undefined;
    return suffer(request.fault, request, reply, count);
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const { fault } = request;
    if (fault?.reset === 'after') {
      count(request, 'reset');
      request.raw.socket.resetAndDestroy();
      return payload;
    }
    if (fault?.hang === true) {
      count(request, 'hang');
      if (!request.raw.socket.destroyed) await once(request.raw.socket, 'close');
      return payload;
    }
    const answer = fault?.applied === true ? faultyAnswer(fault) : undefined;
    if (answer !== undefined) {
      reply.code(answer.status).headers(answer.headers);
      reply.removeHeader('content-length');
    }
    count(request, String(reply.statusCode));
    return answer?.body ?? payload;
  });

  app.setErrorHandler((error: FastifyError | ApiError, _request, reply) => {
    if (error instanceof ApiError) return reply.code(error.status).send(error.body());
    const status = error.statusCode ?? 500;
    return reply.code(status).send(errorBody(status, error.message));
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send(errorBody(404, `There is no ${request.method} ${request.url.split('?')[0]}.`)),
  );
}

async function suffer(
  fault: Fault,
  request: FastifyRequest,
  reply: FastifyReply,
  count: (request: FastifyRequest, status: string) => void,
): Promise<unknown> {
  if (fault.slowMs !== undefined) await pause(fault.slowMs);
  if (fault.hang === true && fault.applied !== true) {
    count(request, 'hang');
    return reply.hijack();
  }
  if (fault.reset === 'before') {
    count(request, 'reset');
    request.raw.socket.resetAndDestroy();
    return reply.hijack();
  }
  const answer = fault.applied === true ? undefined : faultyAnswer(fault);
  return answer && reply.code(answer.status).headers(answer.headers).send(answer.body);
}

/** `/requests/:id/approve` below the root, written as `/requests/{id}/approve`. */
function pathTemplate(request: FastifyRequest, root: string): string {
  const route = request.routeOptions.url;
  return route === undefined ? '(unknown)' : route.slice(root.length).replace(/:(\w+)/g, '{$1}');
}
