import type { Dispatcher } from 'undici';
import { type AnswerProblem, ConnectAnswerError, ConnectApiError } from './errors';

/** An answer whose body is JSON, or undefined where there was none. */
export interface Answer {
  body: unknown;
  contentRange: string | undefined;
  /** Connect's clock, ISO 8601. */
  answeredAt: string | undefined;
}

const LARGEST_BODY = 64 * 1024 * 1024;
const LARGEST_ERROR_BODY = 64 * 1024;

/** However long a `Retry-After` is: a proxy that says "tomorrow" must not silence a worker until somebody restarts it. */
const LONGEST_PAUSE_MS = 15 * 60_000;

/**
 * Reads an answer to its end.
 *
 * @param call for messages
 * @param pause told how long Connect asks everybody to wait
 * @throws ConnectApiError for a status of 400 or more
 * @throws ConnectAnswerError for what cannot be Connect's: a page, a redirect, JSON that breaks off
 */
export async function readAnswer(
  { statusCode: status, headers, body }: Dispatcher.ResponseData,
  call: { method: string; path: string },
  pause: (ms: number) => void,
): Promise<Answer> {
  body.on('error', () => undefined); // a body that is left unread ends with an error, which nobody else would catch
  const header = (name: string) => (Array.isArray(headers[name]) ? headers[name][0] : headers[name]);
  const unusable = (kind: AnswerProblem, what: string) => {
    body.destroy();
    return new ConnectAnswerError(call.method, call.path, kind, status, what);
  };
  const type = header('content-type') ?? 'no content type';
  const isJson = /^application\/(\w+\+)?json\b/i.test(type);

  if (status >= 400) {
    const retryAfterMs = retryAfter(header('retry-after'), header('date'));
    if (status === 429 || (status === 503 && retryAfterMs !== undefined)) {
      pause(Math.min(retryAfterMs ?? 1_000, LONGEST_PAUSE_MS));
    }
    // A page instead of Connect's error document is a proxy's: whatever its status, it says nothing about the request.
    if (!isJson && status !== 429 && status < 500) throw unusable('not-json', `a page instead of JSON (${type})`);
    const own = isJson ? ownError(await readUpTo(body, LARGEST_ERROR_BODY)) : (body.destroy(), undefined);
    throw new ConnectApiError(call.method, call.path, status, {
      errorCode: own?.errorCode,
      errors: own?.errors ?? [],
      retryAfterMs,
      fromConnect: own?.isWhole ?? false,
    });
  }
  // Nothing was done, however empty the answer: Connect does not redirect, but what stands before it may.
  if (status >= 300) throw unusable('redirect', 'a redirect: check the base URL and the proxy');

  const text = await readUpTo(body, LARGEST_BODY);
  if (text === undefined) throw unusable('too-large', `more than ${LARGEST_BODY / 1024 / 1024} MB`);
  const date = Date.parse(header('date') ?? '');
  const answer = {
    contentRange: header('content-range'),
    answeredAt: Number.isNaN(date) ? undefined : new Date(date).toISOString(),
  };
  if (text === '' && call.method !== 'GET') return { ...answer, body: undefined };
  if (!isJson) throw unusable('not-json', `no JSON (${type})`);
  try {
    return { ...answer, body: JSON.parse(text) as unknown };
  } catch {
    throw unusable('malformed-json', 'JSON that cannot be parsed');
  }
}

/** @returns undefined where there is more than that; the rest is not read */
async function readUpTo(body: AsyncIterable<Buffer>, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) return undefined; // leaving the loop ends the stream
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Connect's own error document: `{"error_code": "…", "errors": ["…"]}`. What is there of it is taken, in whatever shape, for people to read.
 *
 * @returns `isWhole`: nobody else would write this
 */
function ownError(
  text: string | undefined,
): { errorCode: string | undefined; errors: string[]; isWhole: boolean } | undefined {
  if (text === undefined) return undefined;
  try {
    const { error_code: code, errors } = JSON.parse(text) as { error_code?: unknown; errors?: unknown };
    const sentences: unknown[] = Array.isArray(errors)
      ? errors
      : errors === undefined || errors === null
        ? []
        : [errors];
    return {
      errorCode: code === undefined || code === null ? undefined : inWords(code),
      errors: sentences.map(inWords),
      isWhole: typeof code === 'string' && Array.isArray(errors),
    };
  } catch {
    return undefined; // the status alone has to do
  }
}

const inWords = (said: unknown) => (typeof said === 'string' ? said : JSON.stringify(said));

/** Seconds, or a date, which is read by the answer's own clock. */
function retryAfter(value: string | undefined, date: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(value.trim())) return Number(value) * 1000;
  const ms = Date.parse(value) - (date === undefined ? Date.now() : Date.parse(date));
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
