import { createSecretKey } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { errors, type JWTPayload, jwtVerify } from 'jose';
import { Refusal } from './refusal';

/** Reads what Connect signed. @throws Refusal 401 for whatever was not signed with a secret of ours, or is not valid now */
export type ReadToken = (token: string) => Promise<JWTPayload>;

/** How far Connect's clock and ours may be apart, in seconds. */
const CLOCK_TOLERANCE = 30;

/**
 * Makes a reader of tokens that were signed with one of the secrets by HS256, and by nothing else. Signatures are compared in constant time;
 * `exp` and `nbf` count where a token has them.
 */
export function tokenReader(secrets: readonly string[]): ReadToken {
  const keys = secrets.map((secret) => createSecretKey(secret, 'utf8'));
  return async (token) => {
    for (const key of keys) {
      try {
        const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], clockTolerance: CLOCK_TOLERANCE });
        return payload;
      } catch (error) {
        if (error instanceof errors.JWSSignatureVerificationFailed) continue; // with another secret, perhaps
        if (error instanceof errors.JWTExpired) throw new Refusal(401, 'The token has expired.');
        if (error instanceof errors.JOSEError) break;
        throw error;
      }
    }
    throw new Refusal(401, 'The token is not valid.');
  };
}

/** Connect's documents name `Authorization`, what receives its calls reads `Authentication`: either will do. */
export function bearersOf({ authentication, authorization }: IncomingHttpHeaders): string[] {
  return [authentication, authorization].flat().flatMap((header) => /^Bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? []);
}
