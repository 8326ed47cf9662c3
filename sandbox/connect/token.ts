import { createHmac } from 'node:crypto';

const TOKEN_SECONDS = 300;

/**
 * A JSON web token, signed by HS256 and good for five minutes from now.
 *
 * @param claims besides `iat` and `exp`
 */
export function signedNow(claims: object, secret: string): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ ...claims, iat: now, exp: now + TOKEN_SECONDS })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
