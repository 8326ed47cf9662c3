import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { createConnectClient } from '../../src/connect/client';
import type { ConnectApiError } from '../../src/connect/errors';
import { Http, type HttpOptions } from '../../src/connect/http';
import { waitFor } from '../support/wait-for';
import { useSandbox } from '../sandbox/start';
import { serve, stopServers } from './server';

const box = useSandbox();
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await box.control.clearFaults(); // a call that hangs is let go with its connection
  await Promise.all(open.splice(0).map((one) => one.close()));
  await stopServers();
});

function client(options: Partial<HttpOptions> = {}) {
  const connect = createConnectClient({ url: box.sandbox.connectUrl, apiKey: box.sandbox.vendorKey, ...options });
  open.push(connect);
  return connect;
}

function http(options: Partial<HttpOptions> = {}) {
  const made = new Http({ url: box.sandbox.connectUrl, apiKey: box.sandbox.vendorKey, ...options });
  open.push(made);
  return made;
}

const SECRET = '0123456789abcdef0123456789abcdef';
const KEY = `ApiKey SU-000-000-009:${SECRET}`;
const anyCall = { method: 'GET', route: '/requests/{id}', ids: ['PR-1'] } as const;

test.each([
  ['with its prefix', 'ApiKey SU-000-000-001:sandbox-vendor-key'],
  ['without it', 'SU-000-000-001:sandbox-vendor-key'],
])('lets the vendor in with a key written %s', async (_, apiKey) => {
  const { id } = await box.control.placePurchase();
  expect(await client({ apiKey }).requests.get(id)).toMatchObject({ id, status: 'pending' });
});

test('says what it is, and sends and asks for JSON', async () => {
  const seen: Record<string, unknown> = {};
  const { url } = await serve((request, response) => {
    Object.assign(seen, request.headers);
    response.writeHead(204).end();
  });
  await http({ url, apiKey: KEY }).answer({
    method: 'POST',
    route: '/requests/{id}/approve',
    ids: ['PR-1'],
    body: { template_id: 'TL-1' },
  });
  expect(seen).toMatchObject({
    authorization: KEY,
    accept: 'application/json',
    'content-type': 'application/json',
    'user-agent': 'connect-processor',
  });
});

test('reports a wrong key as Connect does, and shows it nowhere', async () => {
  const error = await fault(client({ apiKey: KEY }).requests.get('PR-1'));
  expect(error).toMatchObject({ name: 'ConnectApiError', code: 'CONNECT_API', status: 401, fromConnect: true });
  expect(everythingIn(error)).not.toContain(SECRET);
});

test.each(['status', 'html', 'hang', 'reset', 'malformed'] as const)(
  'never shows the key in an error: %s',
  async (kind) => {
    const { url } = await serve((request, response) => {
      if (kind === 'status') response.writeHead(500, { 'content-type': 'application/json' }).end('{}');
      if (kind === 'html') response.writeHead(403, { 'content-type': 'text/html' }).end('<p>no</p>');
      if (kind === 'malformed') response.writeHead(200, { 'content-type': 'application/json' }).end('{');
      if (kind === 'reset') request.socket.resetAndDestroy();
    });
    const error = await fault(client({ url, apiKey: KEY, timeoutMs: 100 }).requests.get('PR-1'));
    expect(error).toMatchObject({ code: expect.stringMatching(/^CONNECT_/) });
    expect(everythingIn(error)).not.toContain(SECRET);
  },
);

test('gives up a call that is not answered in time, and says for how long it waited', async () => {
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests/*', hang: true });
  const error = await fault(client({ timeoutMs: 100 }).requests.get('PR-1'));
  expect(error).toMatchObject({ name: 'ConnectTimeoutError', code: 'CONNECT_TIMEOUT' });
  expect(error.message).toBe('GET /requests/PR-1 was not answered within 0.1 s');
});

test('holds the time limit for an answer that begins and never ends', async () => {
  const { url } = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"id": "PR-');
  });
  expect(await fault(client({ url, timeoutMs: 100 }).requests.get('PR-1'))).toMatchObject({ code: 'CONNECT_TIMEOUT' });
});

test("ends a call with the caller's own reason as soon as the caller aborts", async () => {
  const arrived = await box.control.fault({ api: 'connect', method: 'GET', path: '/requests/*', hang: true });
  const controller = new AbortController();
  const call = fault(client().requests.get('PR-1', { signal: controller.signal }));
  while ((await box.control.getFault(arrived.id)).hits === 0); // until it has arrived
  controller.abort(new Error('the worker stops'));
  expect(await call).toMatchObject({ message: 'the worker stops' });
});

test('makes no call for a caller that has aborted already', async () => {
  let calls = 0;
  const { url } = await serve((_request, response) => {
    calls++;
    response.writeHead(204).end();
  });
  const reason = new Error('too late');
  expect(await fault(client({ url }).requests.fail('PR-1', 'x', { signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(calls).toBe(0);
});

test.each(['before', 'after'] as const)('reports a connection that is reset %s the call was handled', async (reset) => {
  const { id } = await box.control.placePurchase();
  await box.control.fault({ api: 'connect', method: 'POST', path: '/requests/*/fail', reset, times: 1 });
  const error = await fault(client().requests.fail(id, 'no'));
  expect(error).toMatchObject({ name: 'ConnectNetworkError', code: 'CONNECT_NETWORK' });
  expect(error.message).toMatch(/^POST \/requests\/PR-[\d-]+\/fail failed: (ECONNRESET|UND_ERR_SOCKET)$/);
  expect(await box.control.effects(id, 'fail')).toBe(reset === 'after' ? 1 : 0); // made once, and never repeated in here
});

test('reports a server that is not there', async () => {
  const { url } = await serve(() => undefined);
  await stopServers();
  expect(await fault(client({ url }).requests.get('PR-1'))).toMatchObject({ reason: 'ECONNREFUSED' });
});

test("carries Connect's own code and sentences", async () => {
  const errors = ['Only pending requests can be failed.', 'Look again.'];
  const fail = { api: 'connect' as const, method: 'POST', path: '/requests/*/fail' };
  await box.control.fault({ ...fail, status: 400, error_code: 'REQ_003', errors });
  const error = await fault(client().requests.fail('PR-1', 'no'));
  expect(error).toMatchObject({ status: 400, errorCode: 'REQ_003', errors, fromConnect: true });
  expect(error.message).toBe(`POST /requests/PR-1/fail answered 400 REQ_003 ${errors.join(' ')}`);
});

test.each<[json: object | string, said: string]>([
  [{ error_code: 'VAL_001' }, '400 VAL_001'],
  [{ errors: 'one text' }, '400 one text'],
  [{ error_code: 'VAL_001', errors: [{ field: 'note' }, 'Too long.'] }, '400 VAL_001 {"field":"note"} Too long.'],
  [{ error_code: 7, errors: null }, '400 7'],
  [{ detail: 'of a proxy' }, '400'],
  [[], '400'],
])('takes what is there of an error document: %j', async (json, said) => {
  const { url } = await serve((_request, response) => {
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  });
  const error = await fault(client({ url }).requests.get('PR-1'));
  expect(error.message).toBe(`GET /requests/PR-1 answered ${said}`);
  expect(error).toMatchObject({ fromConnect: said.includes('VAL_001 {') });
});

test('keeps the status of an error body of 5 MB, and of its text nothing', async () => {
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests/*', body: 'huge' });
  const error = await fault(client().requests.get('PR-1'));
  expect(error).toMatchObject({ name: 'ConnectApiError', status: 500, errorCode: undefined, fromConnect: false });
  expect(error.message).toBe('GET /requests/PR-1 answered 500');
});

test("keeps Connect's sentences whole, since a secret that is cut through could not be taken out of them", async () => {
  const errors = ['x'.repeat(3000)];
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests/*', status: 400, errors });
  expect((await fault(client().requests.get('PR-1'))).message).toContain(errors[0]);
});

test.each([400, 401, 404, 409])("takes a proxy's page with status %i for no answer of Connect's", async (status) => {
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests/*', body: 'html', status });
  const error = await fault(client().requests.get('PR-1'));
  expect(error).toMatchObject({ code: 'CONNECT_ANSWER', kind: 'not-json', status });
  expect(error.message).toContain('a page instead of JSON (text/html)');
});

test.each([502, 503, 429])("keeps the status of a proxy's page that says %i", async (status) => {
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests/*', body: 'html', status });
  const error = await fault(client().requests.get('PR-1'));
  expect(error).toMatchObject({ code: 'CONNECT_API', status, fromConnect: false });
});

test('goes on after a page of a proxy, with the next call', async () => {
  const { id } = await box.control.placePurchase();
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests/*', body: 'html', times: 3 });
  const connect = client();
  for (const _ of [1, 2, 3]) expect(await fault(connect.requests.get(id))).toMatchObject({ status: 502 });
  expect(await connect.requests.get(id)).toMatchObject({ id });
});

test("does not take a proxy's page with status 200 for an approval", async () => {
  await box.control.fault({ api: 'connect', method: 'POST', path: '/requests/*/approve', body: 'html', status: 200 });
  expect(await fault(client().requests.approve('PR-1', { template_id: 'TL-1' }))).toMatchObject({ kind: 'not-json' });
});

test.each([301, 302, 307])('does not take a redirect (%i) without a body for an approval', async (status) => {
  const { url } = await serve((_request, response) => {
    response.writeHead(status, { location: 'https://login.example/' }).end();
  });
  const error = await fault(client({ url }).requests.approve('PR-1', { template_id: 'TL-1' }));
  expect(error).toMatchObject({ code: 'CONNECT_ANSWER', kind: 'redirect', status });
});

test('reports JSON that breaks off', async () => {
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests/*', body: 'malformed' });
  expect(await fault(client().requests.get('PR-1'))).toMatchObject({ kind: 'malformed-json', status: 200 });
});

test('reports an answer without a body where one was asked for', async () => {
  const { url } = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end();
  });
  expect(await fault(client({ url }).requests.get('PR-1'))).toMatchObject({ kind: 'malformed-json' });
});

test('names the path of what does not fit, and not its value', async () => {
  const json = {
    id: 'PR-1',
    type: 'purchase',
    status: 'pending',
    asset: { id: 'AS-1', product: { id: { secret: 4711 } } },
  };
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests/*', json });
  const error = await fault(client().requests.get('PR-1'));
  expect(error).toMatchObject({ code: 'CONNECT_ANSWER', kind: 'schema' });
  expect(error.message).toBe('GET /requests/PR-1 answered 200, with asset.product.id not as expected (invalid_type)');
  expect(everythingIn(error)).not.toContain('4711');
});

test.each(['application/json', 'application/json; charset=utf-8', 'application/problem+json', 'APPLICATION/JSON'])(
  'reads %s as JSON',
  async (type) => {
    const { url } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': type }).end('{"id": "PR-1"}');
    });
    expect(await http({ url }).value(anyCall, z.object({ id: z.string() }))).toEqual({ id: 'PR-1' });
  },
);

test('takes an answer without content for done', async () => {
  const { url } = await serve((_request, response) => {
    response.writeHead(204).end();
  });
  await client({ url }).tierConfigRequests.fail('TCR-1', 'no');
  expect(await http({ url }).answer({ ...anyCall, method: 'PUT' })).toMatchObject({ body: undefined });
});

test('tells the time of Connect by its Date header, and nothing where it sent none', async () => {
  const { url } = await serve((request, response) => {
    response.sendDate = false;
    if (request.url === '/dated') response.setHeader('date', 'Tue, 24 Nov 2026 10:00:00 GMT');
    response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
  });
  const connect = http({ url });
  const at = async (route: string) => (await connect.answer({ method: 'GET', route })).answeredAt;
  expect(await at('/dated')).toBe('2026-11-24T10:00:00.000Z');
  expect(await at('/undated')).toBeUndefined();
});

test('writes an id so that it stays one segment of the path', async () => {
  const paths: (string | undefined)[] = [];
  const { url } = await serve((request, response) => {
    paths.push(request.url);
    response.writeHead(204).end();
  });
  await client({ url }).requests.fail('PR-1/../../products?x=', 'no');
  expect(paths).toEqual(['/requests/PR-1%2F..%2F..%2Fproducts%3Fx%3D/fail']);
});

test.each([
  ['seconds', '3', 3_000],
  ['parts of a second', '1.5', 1_500],
  ["a date, read by the answer's own clock", 'Tue, 24 Nov 2026 10:00:07 GMT', 7_000],
  ['a date that is over', 'Tue, 24 Nov 2026 09:00:00 GMT', 0],
  ['nonsense', 'soon', undefined],
])('reads Retry-After as %s', async (_, value, ms) => {
  const headers = { 'Retry-After': value, Date: 'Tue, 24 Nov 2026 10:00:00 GMT' };
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests/*', status: 500, headers });
  expect(await fault(client().requests.get('PR-1'))).toMatchObject({ status: 500, retryAfterMs: ms });
});

test.each([
  [429, { 'Retry-After': '60' }],
  [503, { 'Retry-After': '60' }],
])('holds back every other call after %i with a long Retry-After', async (status, headers) => {
  const asked = { api: 'connect' as const, method: 'GET', path: '/requests/PR-1' };
  await box.control.fault({ ...asked, status, headers, times: 1 });
  const calls: unknown[] = [];
  const connect = client({ onCall: (call) => calls.push(call.status) });
  expect(await fault(connect.requests.get('PR-1'))).toMatchObject({ status, retryAfterMs: 60_000 });
  await box.control.clearCounters();

  const error = await fault(connect.tierConfigRequests.get('TCR-1'));
  expect(error).toMatchObject({ status: 429, fromConnect: false });
  expect(error.message).toContain('not sent: Connect asked to slow down');
  expect((error as unknown as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(50_000);
  expect((await box.control.counters()).calls).toEqual([]);
  expect(calls).toEqual([status, 'paused']);
});

test('does not let a Retry-After of a year silence a worker for longer than a quarter of an hour', async () => {
  const headers = { 'Retry-After': '31536000' };
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests/*', status: 429, headers, times: 1 });
  const connect = client();
  await fault(connect.requests.get('PR-1'));
  const { retryAfterMs } = (await fault(connect.requests.get('PR-1'))) as unknown as { retryAfterMs: number };
  expect(retryAfterMs).toBeLessThanOrEqual(15 * 60_000);
});

test('waits out a short pause by itself', async () => {
  const { id } = await box.control.placePurchase();
  const headers = { 'Retry-After': '0.05' };
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests/*', status: 429, headers, times: 1 });
  const connect = client();
  expect(await fault(connect.requests.get(id))).toMatchObject({ status: 429, retryAfterMs: 50 });
  expect(await connect.requests.get(id)).toMatchObject({ id });
});

test('does not hold other calls back for an error that asks for nothing', async () => {
  const { id } = await box.control.placePurchase();
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests/*', status: 503, times: 1 });
  const connect = client();
  await fault(connect.requests.get(id));
  expect(await connect.requests.get(id)).toMatchObject({ id });
});

test('makes many calls over few connections', async () => {
  const { id } = await box.control.placePurchase();
  const { url, server } = await serve((_request, response) => {
    response.writeHead(204).end();
  });
  let connections = 0;
  server.on('connection', () => connections++);
  const connect = client({ url });
  for (let n = 0; n < 20; n++) await connect.requests.fail(id, 'no');
  expect(connections).toBeLessThanOrEqual(2);
});

test('tells of every call its route without ids, its status and its time', async () => {
  const { id } = await box.control.placePurchase();
  const told: unknown[] = [];
  const onCall = (call: unknown) => void told.push(call);
  const [connect, hurried] = [client({ onCall }), client({ onCall, timeoutMs: 100 })];
  await connect.requests.get(id);
  await fault(connect.requests.get('PR-0'));
  await box.control.fault({ api: 'connect', method: 'POST', path: '/requests/*/fail', hang: true, times: 1 });
  await fault(hurried.requests.fail(id, 'no'));
  await box.control.fault({ api: 'connect', method: 'POST', path: '/requests/*/fail', reset: 'before', times: 1 });
  await fault(connect.requests.fail(id, 'no'));
  await fault(connect.requests.get(id, { signal: AbortSignal.abort() }));

  const durationMs = expect.any(Number);
  expect(told).toEqual([
    { method: 'GET', route: '/requests/{id}', status: 200, durationMs },
    { method: 'GET', route: '/requests/{id}', status: 404, durationMs },
    { method: 'POST', route: '/requests/{id}/fail', status: 'timeout', durationMs },
    { method: 'POST', route: '/requests/{id}/fail', status: 'network', durationMs },
    { method: 'GET', route: '/requests/{id}', status: 'aborted', durationMs },
  ]);
});

test('keeps to so many calls a second', async () => {
  const { url, server } = await serve((_request, response) => {
    response.writeHead(204).end();
  });
  let calls = 0;
  server.on('request', () => calls++);
  const connect = client({ url, requestsPerSecond: 2, turnMs: 150 }); // a burst of two, then half a second a call
  const ended = await Promise.allSettled(Array.from({ length: 6 }, () => connect.requests.fail('PR-1', 'no')));
  const refused = ended.flatMap((each) => (each.status === 'rejected' ? [each.reason as ConnectApiError] : []));
  expect([ended.length - refused.length, calls]).toEqual([2, 2]);
  // Connect did not fail to answer: it was not asked.
  for (const error of refused) expect(error).toMatchObject({ status: 429, retryAfterMs: 150, fromConnect: false });
  expect(refused[0]?.message).toContain('not sent: more calls wait than CONNECT_REQUESTS_PER_SECOND lets pass');
});

test('ends a call with whoever makes it, unless several share its answer', async () => {
  const activity = new AbortController();
  const connect = client({ signal: () => activity.signal });
  await box.control.fault({ api: 'connect', method: 'GET', path: '/requests/*', hang: true, times: 1 });
  const call = connect.requests.get('PR-1');
  await waitFor('the call', async () => (await box.control.counters()).calls.some(({ statuses }) => statuses['hang']));
  activity.abort(new Error('the activity is cancelled'));
  await expect(call).rejects.toThrow('the activity is cancelled');
  await expect(
    connect.templates.list(box.sandbox.products.plain, { scope: 'asset' }, { signal: null }),
  ).resolves.toHaveLength(3);
});

test('ends what is under way before it closes', async () => {
  const { url, server } = await serve((_request, response) => void held.push(() => response.writeHead(204).end()));
  const held: (() => void)[] = [];
  const connect = createConnectClient({ url, apiKey: KEY });
  const arrived = once(server, 'request');
  const call = connect.requests.fail('PR-1', 'no');
  await arrived;
  const closed = connect.close();
  held.forEach((answer) => answer());
  await Promise.all([call, closed]);
});

async function fault(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}

/** All that a log or a history might show of an error. */
function everythingIn(error: Error): string {
  const { message, stack, cause } = error;
  return [message, stack, JSON.stringify(error), JSON.stringify(Object.entries(error)), String(cause)].join('\n');
}
