import { afterEach, expect, test } from '@jest/globals';
import { waitFor } from '../support/wait-for';
import { useSandbox } from './start';

const box = useSandbox();

const call = (method: string, path: string, body?: object, signal?: AbortSignal) =>
  fetch(`${box.sandbox.connectUrl}${path}`, {
    method,
    headers: { authorization: box.sandbox.vendorKey, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
    signal,
  });

const connect = { api: 'connect' as const, method: 'GET', path: '/requests' };

afterEach(() => box.control.setLatency(0));

test('answers a status once, then is itself again', async () => {
  const { id } = await box.control.fault({ ...connect, status: 503, times: 1, error_code: 'X_1', errors: ['down'] });
  const first = await call('GET', '/requests');
  expect([first.status, await first.json()]).toEqual([503, { error_code: 'X_1', errors: ['down'] }]);
  expect((await call('GET', '/requests')).status).toBe(200);
  expect(await box.control.getFault(id)).toMatchObject({ hits: 1, times: 1 });
});

test('answers 429 with Retry-After until it is cleared', async () => {
  const { id } = await box.control.fault({ ...connect, status: 429, headers: { 'Retry-After': '2' } });
  for (const _ of [1, 2, 3]) expect((await call('GET', '/requests')).headers.get('retry-after')).toBe('2');
  await box.control.clearFault(id);
  expect((await call('GET', '/requests')).status).toBe(200);
  await expect(box.control.getFault(id)).rejects.toMatchObject({ status: 404 });
});

test('meets a share of the calls, the same ones each time', async () => {
  const { id } = await box.control.fault({ ...connect, status: 500, share: 0.3 });
  for (let n = 0; n < 50; n += 1) await call('GET', '/requests?limit=0');
  const { hits } = await box.control.getFault(id);
  expect(hits).toBeGreaterThan(5);
  expect(hits).toBeLessThan(30);
});

test('ends after its time', async () => {
  await box.control.fault({ ...connect, status: 500, forMs: 0 });
  expect((await call('GET', '/requests')).status).toBe(200);
  await box.control.fault({ ...connect, status: 500, forMs: 60_000 });
  expect((await call('GET', '/requests')).status).toBe(500);
});

test('meets the paths and contents that it names, and no others', async () => {
  const { id } = await box.control.placePurchase();
  const path = `/requests/${id}`;
  await box.control.fault({ api: 'connect', method: '*', path: '/requests/*', status: 502 });
  expect([(await call('GET', path)).status, (await call('GET', '/requests')).status]).toEqual([502, 200]);
  expect((await call('GET', `${path}/render`)).status).toBe(200);
  await box.control.clearFaults();

  await box.control.fault({ api: 'connect', method: 'PUT', path: '/requests/**', containing: 'S-13', status: 500 });
  const save = (value: string) => call('PUT', path, { asset: { params: [{ id: 'subscription_id', value }] } });
  expect([(await save('S-12')).status, (await save('S-13')).status]).toEqual([200, 500]);
});

test('resets the connection before the change', async () => {
  const { id } = await box.control.placePurchase();
  await box.control.fault({ api: 'connect', method: 'POST', path: '/requests/*/fail', reset: 'before', times: 1 });
  await expect(call('POST', `/requests/${id}/fail`, { reason: 'x' })).rejects.toThrow();
  expect((await box.vendor('GET', `/requests/${id}`)).body.status).toBe('pending');
});

test('loses the answer after the change was made', async () => {
  const { id } = await box.control.placePurchase();
  await box.control.fault({ api: 'connect', method: 'POST', path: '/requests/*/fail', reset: 'after', times: 1 });
  await expect(call('POST', `/requests/${id}/fail`, { reason: 'x' })).rejects.toThrow();
  expect((await box.vendor('GET', `/requests/${id}`)).body.status).toBe('failed');
  expect(await box.control.effects(id, 'fail')).toBe(1);
  const { calls } = await box.control.counters();
  expect(calls).toContainEqual(expect.objectContaining({ path: '/requests/{id}/fail', statuses: { reset: 1 } }));
});

test('replaces the answer of a change that was made', async () => {
  const { id } = await box.control.placePurchase();
  await box.control.fault({
    api: 'connect',
    method: 'POST',
    path: `/requests/${id}/fail`,
    body: 'html',
    applied: true,
  });
  expect((await call('POST', `/requests/${id}/fail`, { reason: 'x' })).status).toBe(502);
  await box.control.clearFaults();
  expect((await box.vendor('GET', `/requests/${id}`)).body.status).toBe('failed');
});

test.each([
  ['malformed', 200, 'application/json', /^\{"id": "PR-$/],
  ['html', 502, 'text/html', /Bad Gateway/],
  ['huge', 500, 'application/json', /^\{"error_code":"SYS_001"/],
] as const)('answers a %s body', async (body, status, type, content) => {
  await box.control.fault({ ...connect, body });
  const answer = await call('GET', '/requests');
  const text = await answer.text();
  expect([answer.status, answer.headers.get('content-type'), text]).toEqual([
    status,
    type,
    expect.stringMatching(content),
  ]);
  expect(text.length > 5_000_000).toBe(body === 'huge');
});

test('answers any JSON that it is given', async () => {
  await box.control.fault({ ...connect, json: [{ id: 7, status: null }], headers: { 'content-range': 'items 0-0/1' } });
  const answer = await call('GET', '/requests');
  expect([answer.status, await answer.json()]).toEqual([200, [{ id: 7, status: null }]]);
});

test('never answers, and is slow, where asked', async () => {
  const { id } = await box.control.fault({ ...connect, hang: true, times: 1 });
  const caller = new AbortController();
  const hung = call('GET', '/requests', undefined, caller.signal);
  await waitFor('the call', async () => (await box.control.getFault(id)).hits === 1);
  expect((await call('GET', '/requests')).status).toBe(200); // a later one is answered meanwhile
  caller.abort(new Error('no answer'));
  await expect(hung).rejects.toThrow('no answer');
  await box.control.fault({ ...connect, slowMs: 60, times: 1 });
  const start = performance.now();
  expect((await call('GET', '/requests')).status).toBe(200);
  expect(performance.now() - start).toBeGreaterThan(55);
});

test('makes the change and never answers, where asked', async () => {
  const { id } = await box.control.placePurchase();
  await box.control.fault({ ...connect, method: 'POST', path: `/requests/${id}/fail`, hang: true, applied: true });
  const caller = new AbortController();
  const fail = call('POST', `/requests/${id}/fail`, { reason: 'no' }, caller.signal);
  expect(await box.control.untilSettled(id)).toBe('failed');
  expect((await call('GET', '/requests')).status).toBe(200);
  caller.abort(new Error('no answer'));
  await expect(fail).rejects.toThrow('no answer');
});

test('waits the latency on both APIs and never on the control interface', async () => {
  await box.control.setLatency(100);
  const took = async (run: () => Promise<unknown>) => {
    const start = performance.now();
    await run();
    return performance.now() - start;
  };
  expect(await took(() => call('GET', '/requests'))).toBeGreaterThan(90);
  expect(await took(() => fetch(`${box.sandbox.vendorUrl}/health`))).toBeGreaterThan(90);
  await box.control.setLatency(600_000); // with which a call would outlast the test
  expect(await box.control.counts()).toMatchObject({ faults: 0 });
});

test('meets the vendor API too', async () => {
  await box.control.fault({ api: 'vendor', method: 'GET', path: '/health', status: 500, times: 1 });
  const answer = await fetch(`${box.sandbox.vendorUrl}/health`);
  expect(answer.status).toBe(500);
});

test.each([
  [{}, 'status: Name what happens: status, json, body, reset, slowMs or hang.'],
  [{ hang: false, slowMs: 0 }, 'status: Name what happens: status, json, body, reset, slowMs or hang.'],
  [{ api: 'hub', status: 500 }, 'api: One of "connect", "vendor".'],
  [{ method: undefined, status: 500 }, /^method: This field is required. One of "\*", "GET", /],
  [{ method: 'get', status: 500 }, /^method: One of /],
  [{ path: 'requests', status: 500 }, 'path: A path that begins with "/", or with "**".'],
  [{ status: 99 }, 'status: A whole number, 200 to 599.'],
  [{ status: '500' }, 'status: A whole number, 200 to 599.'],
  [{ status: 500, share: 2 }, 'share: A number from 0 to 1.'],
  [{ status: 500, times: 1.5 }, 'times: A whole number, 0 or more.'],
  [{ status: 500, forMs: '9' }, 'forMs: A number of milliseconds, 0 to 3600000.'],
  [{ status: 500, errors: 'down' }, 'errors: A list of texts.'],
  [{ status: 500, headers: { 'Retry-After': 2 } }, 'headers: An object of texts.'],
  [{ body: 'nope' }, 'body: One of "malformed", "html", "huge".'],
  [{ reset: 'sideways' }, 'reset: One of "before", "after".'],
  [{ hang: 'yes' }, 'hang: true or false.'],
  [{ status: 500, time: 1 }, /^time: No such field. There are api, method, .*, times, /],
])('refuses a fault that makes no sense: %j', async (wrong, message) => {
  const spec = { api: 'connect', method: 'GET', path: '/requests', ...wrong };
  await expect(box.control.fault(spec as never)).rejects.toMatchObject({
    status: 400,
    body: { error_code: 'VAL_001', errors: [typeof message === 'string' ? message : expect.stringMatching(message)] },
  });
  expect((await box.control.counts()).faults).toBe(0);
});

test('takes JSON of any content type and refuses what is no JSON', async () => {
  const { id } = await box.control.placePurchase();
  const send = (body: string) =>
    fetch(`${box.sandbox.connectUrl}/requests/${id}/fail`, {
      method: 'POST',
      headers: { authorization: box.sandbox.vendorKey },
      body,
    });
  expect([(await send('{"reason"')).status, (await send('{"reason":"x"}')).status]).toEqual([400, 200]);
});
