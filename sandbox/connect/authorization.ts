import type { FastifyRequest } from 'fastify';
import { accountOfKey, type Account } from './accounts';
import { forbidden, unauthorized } from './errors';

/** Whose call this is. @throws ConnectError 401 without a known key */
export function accountOf(request: FastifyRequest): Account {
  const account = accountOfKey(request.headers.authorization);
  if (account === undefined) throw unauthorized();
  return account;
}

/** The account, if it may. @throws ConnectError 403 for the other side's account */
export function only(kind: Account['kind'] | 'both', account: Account): Account {
  if (kind !== 'both' && account.kind !== kind) throw forbidden();
  return account;
}

/** Refuse a call without a known key before anything is looked up; a form's code is checked where it is used. */
export async function requireKey(request: FastifyRequest): Promise<void> {
  const { code } = request.query as { code?: string };
  if (code !== undefined && request.routeOptions.url?.endsWith('/requests/:id/pend') === true) return;
  accountOf(request);
}
