import { expect, test } from '@jest/globals';
import { ACTION_SECRET, bearer, fresh, listener, seconds, tokenOf } from './listener';

const event = { webhook_id: 'WH-1', object_class: 'fulfillment_request' };
const hook = { method: 'POST', url: '/webhooks/connect', payload: event } as const;

test('says that it is there', async () => {
  const { app, done } = await listener();
  const answer = await app.inject('/healthz');
  expect([answer.statusCode, answer.body, done.lines]).toEqual([200, 'ok\n', []]);
});

test.each(['/', '/webhooks', '/validate', '/actions', '/wp-login.php', '/%', '/%ff', '/actions/%ff'])(
  'GET %s leads nowhere, and is counted as any other call',
  async (url) => {
    const { app, done } = await listener();
    const at = await app.listen({ port: 0, host: '127.0.0.1' });
    try {
      const answer = await fetch(at + url);
      const { error, call } = (await answer.json()) as { error: string; call: string };
      expect([answer.status, error]).toEqual([404, 'There is nothing here.']);
      expect(answer.headers.get('x-request-id')).toBe(call);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      await app.close(); // by then it has been counted
      expect(done.counts).toEqual(['other 404']);
      expect(done.lines).toMatchObject([{ level: 'debug', message: 'GET other 404', fields: { callId: call } }]);
    } finally {
      await app.close();
    }
  },
);

test.each(['no JSON', 'x'.repeat(2 * 1024 * 1024)])(
  'what is sent to nowhere is not looked at: %.7s',
  async (payload) => {
    const { app } = await listener();
    expect((await app.inject({ method: 'POST', url: '/nowhere', payload })).statusCode).toBe(404);
  },
);

test('a body of more than 1 MB is refused, from who has the secret as from who has not', async () => {
  const { app } = await listener();
  const payload = { ...event, data: 'x'.repeat(1024 * 1024) };
  expect((await app.inject({ ...hook, headers: fresh(), payload })).statusCode).toBe(413);
  expect((await app.inject({ ...hook, payload })).statusCode).toBe(401);
});

test('too many calls are refused for a while; calls without the secret do not use them up', async () => {
  const { app, done } = await listener({ callsPerMinute: 2 });
  const status = async (headers: Record<string, string>) => (await app.inject({ ...hook, headers })).statusCode;
  for (let n = 0; n < 5; n += 1) expect(await status({})).toBe(401);
  expect([await status(fresh()), await status(fresh()), await status(fresh())]).toEqual([202, 202, 429]);
  const refused = await app.inject({ ...hook, headers: fresh() });
  expect(refused.json()).toMatchObject({ error: 'Too many calls: try again in a minute.' });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect((await app.inject({ method: 'POST', url: '/validate', headers: fresh(), payload: [] })).statusCode).toBe(400);
  expect(done.wakes).toBe(2);
});

test('each webhook, and each subscription of an action, has calls of its own, though all come by one proxy', async () => {
  const { app, done } = await listener({
    callsPerMinute: 1,
    actionOf: async () => async () => 'https://vendor.example',
  });
  const at = await app.listen({ port: 0, host: '127.0.0.1' });
  try {
    const call = async (webhook: string, client: string) => {
      const headers = {
        ...fresh({ webhook_id: webhook }),
        'x-forwarded-for': client,
        'content-type': 'application/json',
      };
      const body = JSON.stringify({ ...event, webhook_id: webhook });
      return (await fetch(`${at}/webhooks/connect`, { method: 'POST', headers, body })).status;
    };
    expect([await call('WH-1', '192.0.2.1'), await call('WH-2', '192.0.2.1')]).toEqual([202, 202]);
    expect(await call('WH-1', '192.0.2.2')).toBe(429); // what a header says of its client counts for nothing
    expect(done.wakes).toBe(2);

    const open = async (claims: object) => {
      const jwt = tokenOf({ exp: seconds(60), ...claims }, { secret: ACTION_SECRET });
      return (await fetch(`${at}/actions/sso?jwt=${jwt}`, { redirect: 'manual' })).status;
    };
    expect([await open({ asset_id: 'AS-1' }), await open({ configuration_id: 'TC-1' })]).toEqual([302, 302]);
    expect([await open({ asset_id: 'AS-1' }), await open({ asset_id: 'AS-2' })]).toEqual([429, 302]);
  } finally {
    await app.close();
  }
});

test('without their secret there are no webhooks and no validation, without theirs no actions', async () => {
  const actionOf = async () => async () => 'https://vendor.example';
  const token = tokenOf({ exp: seconds(60) }, { secret: ACTION_SECRET });
  const actionsOnly = await listener({ webhookSecret: undefined, actionOf });
  expect((await actionsOnly.app.inject({ ...hook, headers: fresh() })).statusCode).toBe(404);
  expect((await actionsOnly.app.inject(`/actions/sso?jwt=${token}`)).statusCode).toBe(302);
  const webhooksOnly = await listener({ actionSecrets: [], actionOf });
  expect((await webhooksOnly.app.inject(`/actions/sso?jwt=${token}`)).statusCode).toBe(404);
});

test('an error from inside is logged, and not told', async () => {
  const { app, done } = await listener({
    wake: () => {
      throw new Error('a detail from inside');
    },
  });
  const answer = await app.inject({ ...hook, headers: { ...fresh(), 'x-request-id': 'proxy-7' } });
  expect(answer.statusCode).toBe(500);
  expect(answer.json()).toEqual({ error: 'This call cannot be answered.', call: 'proxy-7' });
  const error = expect.objectContaining({ message: 'a detail from inside' });
  expect(done.lines[0]).toMatchObject({ level: 'error', fields: { callId: 'proxy-7', error } });
});

test('each call has an id, of its own or of the proxy, in the log and in the answer', async () => {
  const { app, done } = await listener();
  const { headers } = await app.inject({ ...hook, headers: fresh() });
  await app.inject({ ...hook, headers: { ...fresh(), 'x-request-id': 'proxy-7' } });
  await app.inject({ ...hook, headers: { ...fresh(), 'x-request-id': 'a\u0000 "forged" line' } });
  const ids = done.lines.map(({ fields }) => fields?.['callId']);
  expect(ids).toEqual([headers['x-request-id'], 'proxy-7', expect.stringMatching(/^[\w-]{36}$/)]);
});

test('why a call was refused is in its line of the log too, since nobody sees what Connect is told', async () => {
  const { app, done } = await listener();
  const late = bearer(tokenOf({ webhook_id: 'WH-1', exp: seconds() - 60 }));
  for (const call of [{ headers: late }, { headers: fresh(), payload: [] }]) await app.inject({ ...hook, ...call });
  await app.inject({ method: 'POST', url: '/validate', headers: fresh(), payload: { type: 'purchase' } });
  await app.inject({ ...hook, headers: fresh() });
  expect(done.lines.map(({ fields }) => [fields?.['status'], fields?.['refusal']])).toEqual([
    [401, 'The token has expired.'],
    [400, 'The body is no event of a webhook.'],
    [400, expect.stringMatching(/^The body is no request of Connect: look at "[\w.]+"\.$/)],
    [202, undefined],
  ]);
});

test('no token comes into the log', async () => {
  const { app, done } = await listener({ actionOf: async () => async () => 'https://vendor.example' });
  const token = tokenOf({ asset_id: 'AS-1' }, { secret: ACTION_SECRET });
  await app.inject(`/actions/sso?jwt=${token}`);
  await app.inject(`/elsewhere?jwt=${token}`);
  await app.inject({ ...hook, headers: bearer(token) });
  expect(done.lines).toHaveLength(3);
  expect(JSON.stringify(done.lines)).not.toContain(token.slice(0, 20));
});
