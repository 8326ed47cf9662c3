import { Agent, FormData, request as send } from 'undici';
import type { z } from 'zod';
import { type Answer, readAnswer } from './answer';
import { Deadline } from './deadline';
import { ConnectAnswerError, ConnectApiError, ConnectNetworkError, ConnectTimeoutError } from './errors';
import { RateLimit } from './rate-limit';

export interface HttpOptions {
  /** Base URL without a trailing slash. */
  url: string;
  /** With or without the prefix `ApiKey `. */
  apiKey: string;
  /** Calls a second, for this credential in this process; default 50. */
  requestsPerSecond?: number | undefined;
  /** For an exchange, once it is its turn; default 45,000. With the longest turn, below the time limit of every activity. */
  timeoutMs?: number | undefined;
  /** Longest wait for a turn, by `requestsPerSecond` or since Connect asked to slow down; default 10,000. */
  turnMs?: number | undefined;
  /** Of whoever makes the call now, where the call itself names no signal: an activity's, in a worker. */
  signal?: (() => AbortSignal) | undefined;
  /** Told of each call, for metrics. */
  onCall?: ((call: CallRecord) => void) | undefined;
}

export interface CallRecord {
  method: string;
  /** The path with `{id}` for each id. */
  route: string;
  /** `paused`: not sent, since it was not its turn in time. */
  status: number | 'timeout' | 'network' | 'aborted' | 'paused';
  durationMs: number;
}

export interface CallOptions {
  /** Ends the call. `null`: nobody's, for an answer that several share. */
  signal?: AbortSignal | null | undefined;
  /** For this exchange, where it may take longer than others, in ms. */
  timeoutMs?: number | undefined;
}

/** One call: its path with `{…}` for each id, and what fills them. */
export interface Call {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  route: string;
  ids?: readonly string[];
  /** Serialised RQL, and `limit` and `offset`. */
  query?: string;
  body?: object;
  /** Sent as the one part of a form, instead of a body. */
  file?: { part: string; name: string; type: string; content: Uint8Array };
}

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
  private readonly turnMs: number;
  private readonly headers: Record<string, string>;

  constructor(private readonly options: HttpOptions) {
    this.limit = new RateLimit(options.requestsPerSecond ?? 50);
    this.timeoutMs = options.timeoutMs ?? 45_000;
    this.turnMs = options.turnMs ?? 10_000;
    this.headers = {
      authorization: options.apiKey.startsWith('ApiKey ') ? options.apiKey : `ApiKey ${options.apiKey}`,
      accept: 'application/json',
      'user-agent': 'connect-processor',
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
  async answer(call: Call, { signal, timeoutMs = this.timeoutMs }: CallOptions = {}): Promise<Answer> {
    const caller = signal === null ? undefined : (signal ?? this.options.signal?.());
    const begun = performance.now();
    const path = pathOf(call);
    let status: CallRecord['status'] = 'paused';
    let deadline: Deadline | undefined;
    try {
      await this.turn(call, path, caller);
      status = 'network';
      deadline = new Deadline(timeoutMs, caller);
      const response = await send(`${this.options.url}${path}`, {
        method: call.method,
        dispatcher: this.agent,
        signal: deadline.signal,
        ...this.content(call),
      });
      status = response.statusCode;
      return await readAnswer(response, { method: call.method, path }, (ms) => this.limit.pause(ms));
    } catch (error) {
      if (error instanceof ConnectApiError || error instanceof ConnectAnswerError) throw error;
      if (caller?.aborted) {
        status = 'aborted';
        throw caller.reason;
      }
      if (deadline?.isOver) {
        status = 'timeout';
        throw new ConnectTimeoutError(call.method, path, timeoutMs);
      }
      status = 'network';
      throw new ConnectNetworkError(call.method, path, reasonOf(error));
    } finally {
      deadline?.release();
      this.options.onCall?.({ method: call.method, route: call.route, status, durationMs: performance.now() - begun });
    }
  }

  private content({ body, file }: Call) {
    if (body) return { headers: { ...this.headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
    if (!file) return { headers: this.headers };
    const form = new FormData();
    form.set(file.part, new Blob([file.content], { type: file.type }), file.name);
    return { headers: this.headers, body: form };
  }

  /**
   * Waits until the call may be sent, for a while: longer, it would hold a place that others need.
   *
   * @throws ConnectApiError 429, as Connect itself would answer
   */
  private async turn({ method }: Call, path: string, caller: AbortSignal | undefined): Promise<void> {
    const notSent = (why: string, retryAfterMs: number) =>
      new ConnectApiError(method, path, 429, {
        errorCode: undefined,
        fromConnect: false,
        retryAfterMs,
        errors: [`not sent: ${why}`],
      });
    if (this.limit.pausedMs > this.turnMs) throw notSent('Connect asked to slow down', this.limit.pausedMs);
    caller?.throwIfAborted();
    if (this.limit.takeNow()) return;
    const patience = new Deadline(this.turnMs, caller);
    try {
      await this.limit.take(patience.signal);
    } catch (error) {
      if (caller?.aborted || !patience.isOver) throw error;
      throw notSent('more calls wait than CONNECT_REQUESTS_PER_SECOND lets pass', this.turnMs);
    } finally {
      patience.release();
    }
  }
}

function pathOf({ route, ids = [], query }: Call): string {
  let i = 0;
  const path = route.replace(/\{\w+\}/g, () => encodeURIComponent(ids[i++] ?? ''));
  return query ? `${path}?${query}` : path;
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
