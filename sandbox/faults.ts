import { invalid } from './connect/errors';
import {
  flag,
  anything,
  milliseconds,
  namedTexts,
  oneOf,
  readBody,
  text,
  texts,
  whole,
  type Fields,
} from './control/body';

/** Trouble on demand: which calls it meets, how often, and what becomes of them. */
export interface FaultSpec {
  api: 'connect' | 'vendor';
  /** HTTP method, or `*` for any. */
  method: string;
  /** Path below the API's root without query, `/requests/PR-…/approve`. `*` stands for one segment, `**` for any. */
  path: string;
  /** A text that the query or the body has to hold, so that one order of many is met. */
  containing?: string;

  /** Meet this many calls, then no more. Without `times`, `share` and `forMs` it lasts until it is deleted. */
  times?: number;
  /** Meet this share of the matching calls, 0 to 1, drawn from a fixed sequence. */
  share?: number;
  /** Last this long, in milliseconds, counted from when it was set. */
  forMs?: number;

  /** Answer this status instead of handling the call. */
  status?: number;
  error_code?: string;
  errors?: string[];
  /** Headers of that answer, for example `{"Retry-After": "2"}`. */
  headers?: Record<string, string>;
  /** Answer this JSON, with status 200 unless `status` says otherwise. */
  json?: unknown;
  /** `malformed`: JSON that breaks off (200); `html`: a proxy's page (502); `huge`: an error body of 5 MB (500). */
  body?: 'malformed' | 'html' | 'huge';
  /** With `status`, `json`, `body` or `hang`: handle the call first, so that the change is made and its answer replaced or withheld. */
  applied?: boolean;
  /** Reset the connection: `before` the call is handled, or `after`, when the change is made and the answer lost. */
  reset?: 'before' | 'after';
  /** Wait this many milliseconds first. */
  slowMs?: number;
  /** Never answer. */
  hang?: boolean;
}

export interface Fault extends FaultSpec {
  id: string;
  /** Calls met so far. */
  hits: number;
}

export interface FaultyAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

interface Active {
  fault: Fault;
  pattern: RegExp;
  endsAt: number;
  draw: () => number;
}

/** The faults that are set, asked before each call. */
export class Faults {
  private active: Active[] = [];
  private count = 0;

  /**
   * @param input a `FaultSpec`
   * @throws ConnectError 400 where it is none, or the fault would do nothing
   */
  add(input: unknown): Fault {
    const spec = readSpec(input);
    this.count += 1;
    const fault: Fault = { ...spec, id: `fault-${this.count}`, hits: 0 };
    const endsAt = spec.forMs === undefined ? Infinity : Date.now() + spec.forMs;
    this.active.push({ fault, pattern: pathPattern(spec.path), endsAt, draw: sequence(this.count) });
    return fault;
  }

  list(): Fault[] {
    return this.active.map(({ fault }) => fault);
  }

  get(id: string): Fault | undefined {
    return this.list().find((fault) => fault.id === id);
  }

  remove(id: string): boolean {
    const before = this.active.length;
    this.active = this.active.filter(({ fault }) => fault.id !== id);
    return this.active.length < before;
  }

  clear(): void {
    this.active = [];
  }

  /**
   * The fault that meets this call, if one does; it is counted as a hit.
   *
   * @param content gives the query and the body as text; called only where a fault asks for it
   */
  meet(api: string, method: string, path: string, content: () => string): Fault | undefined {
    for (const { fault, pattern, endsAt, draw } of this.active) {
      if (fault.api !== api || (fault.method !== '*' && fault.method !== method) || !pattern.test(path)) continue;
      if (fault.times !== undefined && fault.hits >= fault.times) continue;
      if (Date.now() >= endsAt) continue;
      if (fault.containing !== undefined && !content().includes(fault.containing)) continue;
      if (fault.share !== undefined && draw() >= fault.share) continue;
      fault.hits += 1;
      return fault;
    }
    return undefined;
  }
}

/** The answer that a fault puts in place of the true one; undefined where it leaves the answer alone. */
export function faultyAnswer(fault: Fault): FaultyAnswer | undefined {
  const { status, body, json, headers = {} } = fault;
  const answer = (otherwise: number, type: string, content: string): FaultyAnswer => ({
    status: status ?? otherwise,
    headers: { 'content-type': type, ...headers },
    body: content,
  });
  if (body === 'malformed') return answer(200, 'application/json', '{"id": "PR-');
  if (body === 'html') return answer(502, 'text/html', '<html><body><h1>502 Bad Gateway</h1></body></html>\n');
  if (body === 'huge') return answer(500, 'application/json', hugeBody());
  if (json !== undefined) return answer(200, 'application/json', JSON.stringify(json));
  if (status === undefined) return undefined;
  const errors = fault.errors ?? [`The sandbox was told to answer ${status}.`];
  return answer(status, 'application/json', JSON.stringify({ error_code: fault.error_code ?? 'SYS_001', errors }));
}

const FIELDS: Fields<FaultSpec> = {
  api: oneOf('connect', 'vendor'),
  method: oneOf('*', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
  path: {
    takes: 'A path that begins with "/", or with "**".',
    accepts: (value): value is string => typeof value === 'string' && /^(\/|\*\*)/.test(value),
  },
  containing: text,
  times: whole(0),
  share: {
    takes: 'A number from 0 to 1.',
    accepts: (value): value is number => typeof value === 'number' && value >= 0 && value <= 1,
  },
  forMs: milliseconds,
  status: whole(200, 599),
  error_code: text,
  errors: texts,
  headers: namedTexts,
  json: anything,
  body: oneOf('malformed', 'html', 'huge'),
  applied: flag,
  reset: oneOf('before', 'after'),
  slowMs: milliseconds,
  hang: flag,
};

function readSpec(input: unknown): FaultSpec {
  const spec = readBody(input, FIELDS, ['api', 'method', 'path']);
  const { json, status, body, reset, slowMs, hang } = spec;
  if (json === undefined && ![status, body, reset, slowMs, hang].some(Boolean)) {
    throw invalid('status', 'Name what happens: status, json, body, reset, slowMs or hang.');
  }
  return spec;
}

function pathPattern(path: string): RegExp {
  const source = path
    .split(/(\*\*|\*)/)
    .map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]+' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}/?$`);
}

let huge: string | undefined;

function hugeBody(): string {
  huge ??= JSON.stringify({ error_code: 'SYS_001', errors: ['x'.repeat(5 * 1024 * 1024)] });
  return huge;
}

/** Numbers from 0 to 1, the same at every start (mulberry32), so that a test with a share repeats itself. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
