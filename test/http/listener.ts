import { createHmac } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { createRedactor } from '../../src/domain/redact';
import { createListener, type ListenerOptions } from '../../src/http/server';
import type { Logger } from '../../src/sdk/request-context';

export const SECRET = 'a-secret-of-the-webhooks';
export const VENDOR_KEY = 'v-key/0123+456';
export const ACTION_SECRET = 'a-secret-of-the-actions';

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as Connect makes one, or as somebody else would like to. */
export function tokenOf(claims: object, { secret = SECRET, alg = 'HS256', hash = 'sha256' } = {}): string {
  const signed = `${part({ alg, typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${alg === 'none' ? '' : createHmac(hash, secret).update(signed).digest('base64url')}`;
}

export const seconds = (fromNow = 0) => Math.floor(Date.now() / 1000) + fromNow;
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
export const fresh = (claims: object = {}) => bearer(tokenOf({ iat: seconds(), exp: seconds(300), ...claims }));

/** A listener that has not opened a port, and what it has done. */
export async function listener(
  options: Partial<Omit<ListenerOptions, 'validation'>> & { validation?: Partial<ListenerOptions['validation']> } = {},
) {
  const done = {
    wakes: 0,
    counts: [] as string[],
    validations: [] as string[],
    lines: [] as { level: string; message: string; fields: Record<string, unknown> | undefined }[],
  };
  const at = (level: string) => (message: string, fields?: Record<string, unknown>) =>
    void done.lines.push({ level, message, fields });
  const log: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const app: FastifyInstance = await createListener({
    webhookSecret: SECRET,
    actionSecrets: [ACTION_SECRET],
    actionOf: undefined,
    log,
    wake: () => void (done.wakes += 1),
    count: (door, status) => void done.counts.push(`${door} ${status}`),
    ...options,
    validation: {
      hooksOf: () => undefined,
      selectionOf: () => undefined,
      timeLimitMs: 1000,
      strict: false,
      redact: createRedactor([VENDOR_KEY]),
      connect: {
        tierConfigs: { paramsOf: async () => [], get: () => Promise.reject(new Error('a draft needs none')) },
      },
      count: (kind, outcome) => void done.validations.push(`${kind} ${outcome}`),
      ...options.validation,
    },
  });
  return { app, done };
}
