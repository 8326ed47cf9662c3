import type { Transition } from './connect/journal';

/** The sandbox answered something else than 2xx to a control call. */
export class SandboxRefusal extends Error {
  constructor(
    readonly status: number,
    readonly body: unknown,
    call: string,
  ) {
    super(`${call}: ${status} ${JSON.stringify(body)}`);
    this.name = 'SandboxRefusal';
  }
}

export interface WaitOptions {
  /** Default 30,000. */
  timeoutMs?: number;
  statuses?: string[];
}

/** The calls of the control interface. */
export class ControlHttp {
  constructor(private readonly url: string) {}

  /** @throws SandboxRefusal for a status other than 2xx */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const parsed: unknown = text === '' ? undefined : JSON.parse(text);
    if (!response.ok) throw new SandboxRefusal(response.status, parsed, `${method} ${path}`);
    return parsed as T;
  }

  /**
   * Wait until something has one of the statuses. The sandbox holds the call until then.
   *
   * @param collection `requests` or `usage`
   * @throws Error with the timeline where the time is over
   */
  async untilStatus(collection: string, id: string, { timeoutMs = 30_000, statuses }: WaitOptions): Promise<string> {
    const end = Date.now() + timeoutMs;
    const wanted = statuses === undefined ? '' : `&statuses=${statuses.join(',')}`;
    for (;;) {
      const left = Math.max(end - Date.now(), 0);
      const path = `/${collection}/${id}/settled?timeout_ms=${Math.min(left, 50_000)}${wanted}`;
      const { status, settled } = await this.call<{ status: string; settled: boolean }>('GET', path);
      if (settled) return status;
      if (Date.now() < end) continue;
      const story = (await this.timeline(id)).map(({ at, action, to }) => `${at} ${action} -> ${to}`).join('; ');
      throw new Error(`${id} is ${status} after ${timeoutMs} ms: ${story}`);
    }
  }

  async timeline(id: string): Promise<Transition[]> {
    return this.call('GET', `/requests/${id}/timeline`);
  }
}
