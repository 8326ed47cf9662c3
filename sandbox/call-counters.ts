export interface CallCount {
  api: string;
  method: string;
  /** Path template, `/requests/{id}/approve`. */
  path: string;
  count: number;
  /** By status; calls without an answer stand under `reset` and `hang`. */
  statuses: Record<string, number>;
}

/** How many calls came in, by API, method and path template. */
export class CallCounters {
  private calls = new Map<string, CallCount>();

  count(api: string, method: string, path: string, status: string): void {
    const key = `${api} ${method} ${path}`;
    let call = this.calls.get(key);
    if (call === undefined) this.calls.set(key, (call = { api, method, path, count: 0, statuses: {} }));
    call.count += 1;
    call.statuses[status] = (call.statuses[status] ?? 0) + 1;
  }

  list(): CallCount[] {
    return [...this.calls.values()];
  }

  clear(): void {
    this.calls = new Map();
  }
}
