import { Agent, request as send } from 'undici';
import type { z } from 'zod';
import { ConnectAnswerError, ConnectApiError, ConnectNetworkError, ConnectTimeoutError } from './errors';
import { RateLimit } from './rate-limit';

export interface HttpOptions {
  /** Base URL without a trailing slash. */
  url: string;
  /** With or without the prefix `ApiKey `. */
  apiKey: string;
  /** Calls a second, for this credential in this process; default 50. */
  requestsPerSecond?: number | undefined;
  /** For a whole call, waiting for its turn included; default 45,000. Below the time limit of every activity. */
  timeoutMs?: number | undefined;
  userAgent?: string | undefined;
  /** Told of each call, for metrics. */
  onCall?: ((call: CallRecord) => void) | undefined;
}

export interface CallRecord {
  method: string;
  /** The path with `{id}` for each id. */
  route: string;
  /** `paused`: not sent, since Connect asked to slow down. */
  status: number | 'timeout' | 'network' | 'aborted' | 'paused';
  durationMs: number;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
}

/** One call: its path with `{…}` for each id, and what fills them. */
export interface Call {
  method: 'GET' | 'PUT' | 'POST';
  route: string;
  ids?: readonly string[];
  /** Serialised RQL, and `limit` and `offset`. */
  query?: string;
  body?: object;
}

/** An answer whose body is JSON, or undefined where there was none. */
export interface Answer {
  body: unknown;
  contentRange: string | undefined;
  /** Connect's clock, ISO 8601. */
  answeredAt: string | undefined;
}

const LARGEST_BODY = 64 * 1024 * 1024;
const LARGEST_ERROR_BODY = 64 * 1024;

/** A pause longer than this is reported at once instead of being waited for in here, where it would hold a place that others need. */
const LONGEST_TURN_MS = 5_000;

/** However long a `Retry-After` is: a proxy that says "tomorrow" must not silence a worker until somebody restarts it. */
const LONGEST_PAUSE_MS = 15 * 60_000;

/** Makes calls: auth header, time limit, abort, rate limit; answer to value or error. It never repeats one. */
export class Http {
  private readonly agent = new Agent({
    keepAliveTimeout: 30_000,
    connections: 64,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  private readonly limit: RateLimit;
  private readonly timeoutMs: number;
  private readonly headers: Record<string, string>;

  constructor(private readonly options: HttpOptions) {
    this.limit = new RateLimit(options.requestsPerSecond ?? 50);
    this.timeoutMs = options.timeoutMs ?? 45_000;
    this.headers = {
      authorization: options.apiKey.startsWith('ApiKey ') ? options.apiKey : `ApiKey ${options.apiKey}`,
      accept: 'application/json',
      'user-agent': options.userAgent ?? 'connect-processor',
    };
  }

  async close(): Promise<void> {
    await this.agent.close();
  }

  /** The parsed body of an answer. @throws ConnectAnswerError where it does not fit, with the path of what does not, never its value */
  async value<T>(call: Call, schema: z.ZodType<T>, options: CallOptions = {}): Promise<T> {
    const { body } = await this.answer(call, options);
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new ConnectAnswerError(call.method, pathOf(call), 'schema', 200, problemOf(parsed.error));
  }

  /** @throws ConnectError, or the reason of the caller's signal */
  async answer(call: Call, { signal }: CallOptions = {}): Promise<Answer> {
    const begun = performance.now();
    const timeout = AbortSignal.timeout(this.timeoutMs);
    const path = pathOf(call);
    let status: CallRecord['status'] = 'network';
    try {
      const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
      if (this.limit.pausedMs > LONGEST_TURN_MS) {
        status = 'paused';
        throw this.pausedError(call, path);
      }
      await this.limit.take(either);
      return await this.exchange(call, path, either, (code) => (status = code));
    } catch (error) {
      if (error instanceof ConnectApiError || error instanceof ConnectAnswerError) throw error;
      if (signal?.aborted) {
        status = 'aborted';
        throw signal.reason;
      }
      if (timeout.aborted) {
        status = 'timeout';
        throw new ConnectTimeoutError(call.method, path, this.timeoutMs);
      }
      status = 'network';
      throw new ConnectNetworkError(call.method, path, reasonOf(error));
    } finally {
      this.options.onCall?.({ method: call.method, route: call.route, status, durationMs: performance.now() - begun });
    }
  }

  private async exchange(
    call: Call,
    path: string,
    signal: AbortSignal,
    onStatus: (status: number) => void,
  ): Promise<Answer> {
    const response = await send(`${this.options.url}${path}`, {
      method: call.method,
      dispatcher: this.agent,
      signal,
      headers: { ...this.headers, ...(call.body && { 'content-type': 'application/json' }) },
      ...(call.body && { body: JSON.stringify(call.body) }),
    });
    const { statusCode: status, headers } = response;
    response.body.on('error', () => undefined); // a body that is left unread ends with an error, which nobody else would catch
    onStatus(status);
    const header = (name: string) => (Array.isArray(headers[name]) ? headers[name][0] : headers[name]);
    const isJson = /^application\/(\w+\+)?json\b/i.test(header('content-type') ?? '');

    if (status >= 400) {
      const text = isJson ? await readUpTo(response.body, LARGEST_ERROR_BODY) : (response.body.destroy(), undefined);
      const own = text === undefined ? undefined : ownError(text);
      const retryAfterMs = retryAfter(header('retry-after'), header('date'));
      if (status === 429 || (status === 503 && retryAfterMs !== undefined)) {
        this.limit.pause(Math.min(retryAfterMs ?? 1_000, LONGEST_PAUSE_MS));
      }
      // A page instead of Connect's error document is a proxy's: whatever its status, it says nothing about the request.
      if (!isJson && status !== 429 && status < 500) {
        throw new ConnectAnswerError(
          call.method,
          path,
          'not-json',
          status,
          `a page instead of JSON (${header('content-type') ?? 'no content type'})`,
        );
      }
      throw new ConnectApiError(call.method, path, status, {
        ...{ errorCode: own?.errorCode, errors: own?.errors ?? [], retryAfterMs, fromConnect: own !== undefined },
      });
    }
    // Nothing was done, however empty the answer: Connect does not redirect, but what stands before it may.
    if (status >= 300) {
      response.body.destroy();
      throw new ConnectAnswerError(
        call.method,
        path,
        'redirect',
        status,
        'a redirect: check the base URL and the proxy',
      );
    }
    const date = Date.parse(header('date') ?? '');
    const answer = {
      contentRange: header('content-range'),
      answeredAt: Number.isNaN(date) ? undefined : new Date(date).toISOString(),
    };
    const text = await readUpTo(response.body, LARGEST_BODY);
    if (text === undefined) {
      throw new ConnectAnswerError(
        call.method,
        path,
        'too-large',
        status,
        `more than ${LARGEST_BODY / 1024 / 1024} MB`,
      );
    }
    if (text === '' && call.method !== 'GET') return { ...answer, body: undefined };
    if (!isJson) {
      throw new ConnectAnswerError(
        call.method,
        path,
        'not-json',
        status,
        `no JSON (${header('content-type') ?? 'no content type'})`,
      );
    }
    try {
      return { ...answer, body: JSON.parse(text) as unknown };
    } catch {
      throw new ConnectAnswerError(call.method, path, 'malformed-json', status, 'JSON that cannot be parsed');
    }
  }

  private pausedError(call: Call, path: string): ConnectApiError {
    return new ConnectApiError(call.method, path, 429, {
      ...{ errorCode: undefined, fromConnect: false, retryAfterMs: this.limit.pausedMs },
      errors: ['not sent: Connect asked to slow down'],
    });
  }
}

function pathOf({ route, ids = [], query }: Call): string {
  let i = 0;
  const path = route.replace(/\{\w+\}/g, () => encodeURIComponent(ids[i++] ?? ''));
  return query ? `${path}?${query}` : path;
}

/** @returns undefined where there is more than that; the rest is not read */
async function readUpTo(body: AsyncIterable<Buffer> & { destroy(): void }, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) return undefined; // leaving the loop ends the stream
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Connect's own error document: `{"error_code": "…", "errors": ["…"]}`. */
function ownError(text: string): { errorCode: string; errors: string[] } | undefined {
  try {
    const { error_code: code, errors } = JSON.parse(text) as { error_code?: unknown; errors?: unknown };
    if (typeof code !== 'string' || !Array.isArray(errors)) return undefined;
    return { errorCode: code, errors: errors.map(String) };
  } catch {
    return undefined; // the status alone has to do
  }
}

/** Seconds, or a date, which is read by the answer's own clock. */
function retryAfter(value: string | undefined, date: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(value.trim())) return Number(value) * 1000;
  const ms = Date.parse(value) - (date === undefined ? Date.now() : Date.parse(date));
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function reasonOf(error: unknown): string {
  const { code, cause, name } = error as { code?: string; cause?: { code?: string }; name?: string };
  return code ?? cause?.code ?? name ?? 'unknown';
}

/** Path and rule of the first thing that does not fit. */
export function problemOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return `with ${issue?.path.join('.') || 'a body'} not as expected (${issue?.code ?? 'unknown'})`;
}
