import { randomUUID } from 'node:crypto';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { JWTPayload } from 'jose';
import type { Logger } from '../sdk/request-context';
import { readEvent } from './event-webhook';
import { logWith } from '../sdk/log-with';
import { type HookOf, openAction } from './open-action';
import { Refusal } from './refusal';
import { bearersOf, type ReadToken, tokenReader } from './token';
import { validate, type ValidationOptions } from './validate';

declare module 'fastify' {
  interface FastifyRequest {
    /** What Connect signed. */
    claims: JWTPayload;
    /** Why the call was not answered as it was meant; for the log too, since nobody sees what Connect is told. */
    refusal?: string;
  }
}

export interface ListenerOptions {
  /** Of event webhooks and validators; undefined to have neither. */
  webhookSecret: string | undefined;
  /** Of product actions, whichever product they are of; empty to have none. */
  actionSecrets: readonly string[];
  /** Looks soon for what is pending. Returns at once. */
  wake(): void;
  validation: Omit<ValidationOptions, 'log'>;
  /** Finds the vendor's hook for a product action; undefined where no vendor has one. */
  actionOf: HookOf | undefined;
  log: Logger;
  /** Told of each answer, for metrics. @param door a path of ours, or `other` */
  count(door: string, status: number): void;
  /** Valid calls to one door by one webhook, or for one subscription or tier configuration; default 3,000. */
  callsPerMinute?: number;
}

const LARGEST_BODY = 1024 * 1024;

/** The doors that Connect calls: event webhooks, dynamic validation, product actions. It does not listen yet. */
export async function createListener(options: ListenerOptions): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: LARGEST_BODY,
    requestTimeout: 30_000, // until a call has come in, however slowly
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true },
    genReqId: ({ headers }) => idFrom(headers['x-request-id']) ?? randomUUID(),
    // A path that cannot be decoded is answered past all hooks.
    frameworkErrors: (error, request, reply) => {
      setHeaders(request, reply);
      answerError(options.log)(error, request, reply);
      account(request, reply, options);
    },
  });
  app.decorateRequest('claims');
  app.decorateRequest('refusal');
  // Whatever a call says of its type, it has to be JSON.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'));
  app.addHook('onSend', async (request, reply) => setHeaders(request, reply));
  app.addHook('onResponse', async (request, reply) => account(request, reply, options));
  app.setErrorHandler(answerError(options.log));
  app.addHook('onRequest', async ({ is404 }) => {
    if (is404) throw nothingHere(); // before its body is read
  });

  app.get('/healthz', () => 'ok\n');
  await app.register(async (doors) => openDoors(doors, options));
  return app;
}

async function openDoors(app: FastifyInstance, options: ListenerOptions): Promise<void> {
  // After the signature: who has no secret cannot use up what Connect may call.
  await app.register(rateLimit, {
    hook: 'preParsing',
    max: options.callsPerMinute ?? 3_000,
    timeWindow: 60_000,
    keyGenerator: ({ claims, ip, routeOptions }) => `${routeOptions.url} ${subjectOf(claims) ?? ip}`,
  });
  const { webhookSecret, actionSecrets, actionOf: hookOf, log } = options;
  if (webhookSecret !== undefined) webhookDoors(app, signedBy(tokenReader([webhookSecret]), bearers), options);
  if (actionSecrets.length === 0 || hookOf === undefined) return;
  const onRequest = signedBy(tokenReader(actionSecrets), fromQuery);
  // Without HEAD, which would use up an address that is good for one visit.
  app.get<{ Params: { action: string } }>(
    '/actions/:action',
    { onRequest, exposeHeadRoute: false },
    async (request, reply) => {
      const { params, claims, id } = request;
      return reply.redirect(
        await openAction(params.action, claims, { hookOf, log: logWith(log, { callId: id }) }),
        302,
      );
    },
  );
}

function webhookDoors(app: FastifyInstance, onRequest: Hook, { wake, validation, log }: ListenerOptions): void {
  app.post('/webhooks/connect', { onRequest }, async ({ body, claims }, reply) => {
    if (readEvent(body, claims)) wake();
    return reply.code(202).send();
  });
  app.post('/validate', { onRequest }, ({ body, id }) =>
    validate(body, { ...validation, log: logWith(log, { callId: id }) }),
  );
}

/**
 * For whom Connect signed: a webhook, or what a product action is about. Each has its own share of the calls, whatever proxies they come by;
 * nobody without the secret can name another.
 */
function subjectOf(claims: JWTPayload): string | undefined {
  return ['webhook_id', 'asset_id', 'configuration_id']
    .map((name) => claims[name])
    .find((id) => typeof id === 'string');
}

type Hook = (request: FastifyRequest) => Promise<void>;

/** Refuses what was not signed before its body is read. Of several tokens one that is good will do; else the first says what is wrong. */
function signedBy(read: ReadToken, tokensOf: (request: FastifyRequest) => string[]): Hook {
  return async (request) => {
    const [first, ...others] = tokensOf(request);
    if (first === undefined) throw new Refusal(401, 'A token is needed.');
    request.claims = await read(first).catch(async (error: unknown) => {
      for (const token of others) {
        const claims = await read(token).catch(() => undefined);
        if (claims) return claims;
      }
      throw error;
    });
  };
}

const bearers = ({ headers }: FastifyRequest) => bearersOf(headers);

function fromQuery({ query }: FastifyRequest): string[] {
  const { jwt } = query as { jwt?: unknown };
  return typeof jwt === 'string' ? [jwt] : [];
}

/** Of a proxy, where it gives one that can be written into a log. */
function idFrom(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\w-]{1,64}$/.test(header) ? header : undefined;
}

function setHeaders({ id }: FastifyRequest, reply: FastifyReply): void {
  reply.headers({ 'x-request-id': id, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
}

/** One line of the log a call. A path that is not ours is not written down, nor is a query: it may hold a token. */
function account(
  { id, method, routeOptions, refusal }: FastifyRequest,
  reply: FastifyReply,
  options: ListenerOptions,
): void {
  const door = routeOptions.url ?? 'other';
  const { statusCode: status, elapsedTime } = reply;
  if (door === '/healthz') return;
  options.count(door, status);
  const level = door === 'other' ? 'debug' : 'info';
  options.log[level](`${method} ${door} ${status}`, { callId: id, status, refusal, ms: Math.round(elapsedTime) });
}

/** What is said of an error that is not ours: nothing from inside. */
const WORDS: Record<number, string> = {
  400: 'The body is not JSON.',
  413: 'The body is larger than 1 MB.',
  429: 'Too many calls: try again in a minute.',
};

const nothingHere = () => new Refusal(404, 'There is nothing here.');

function answerError(log: Logger) {
  return (thrown: FastifyError | Refusal, request: FastifyRequest, reply: FastifyReply): void => {
    const error = 'code' in thrown && thrown.code === 'FST_ERR_BAD_URL' ? nothingHere() : thrown;
    const status = error.statusCode ?? 500;
    if (status >= 500 && !(error instanceof Refusal)) log.error('a call failed', { callId: request.id, error });
    request.refusal = (error instanceof Refusal ? error.message : WORDS[status]) ?? 'This call cannot be answered.';
    void reply.code(status).send({ error: request.refusal, call: request.id });
  };
}
