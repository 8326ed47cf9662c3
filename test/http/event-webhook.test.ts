import { describe, expect, test } from '@jest/globals';
import { bearer, fresh, listener, SECRET, seconds, tokenOf } from './listener';

const event = { webhook_id: 'WH-1', object_class: 'fulfillment_request', product_id: 'PRD-1' };
const url = '/webhooks/connect';

test('an event is answered at once, and wakes a round', async () => {
  const { app, done } = await listener();
  const answer = await app.inject({ method: 'POST', url, headers: fresh({ webhook_id: 'WH-1' }), payload: event });
  expect([answer.statusCode, answer.body, done.wakes]).toEqual([202, '', 1]);
  expect(done.counts).toEqual(['/webhooks/connect 202']);
});

test.each(['authorization', 'Authentication'])('the token is taken from the header %s', async (name) => {
  const { app } = await listener();
  const headers = { [name]: `Bearer ${tokenOf({ webhook_id: 'WH-1' })}` };
  expect((await app.inject({ method: 'POST', url, headers, payload: event })).statusCode).toBe(202);
});

test('the token is found where a proxy uses the other header itself', async () => {
  const { app } = await listener();
  const headers = { authorization: 'Basic cHJveHk6cHJveHk=', authentication: `Bearer ${tokenOf({})}` };
  expect((await app.inject({ method: 'POST', url, headers, payload: event })).statusCode).toBe(202);
});

test.each(['authorization', 'authentication'])(
  'a good token in %s will do, whatever the other header has',
  async (good) => {
    const { app } = await listener();
    const bad = tokenOf({ webhook_id: 'WH-1' }, { secret: 'another-secret-of-somebody' });
    const headers = { authorization: `Bearer ${bad}`, authentication: `Bearer ${bad}`, [good]: fresh().authorization };
    expect((await app.inject({ method: 'POST', url, headers, payload: event })).statusCode).toBe(202);
  },
);

test('an event whose class is null wakes a round', async () => {
  const { app, done } = await listener();
  const payload = { webhook_id: 'WH-1', object_class: null };
  const answer = await app.inject({ method: 'POST', url, headers: fresh({ webhook_id: 'WH-1' }), payload });
  expect([answer.statusCode, done.wakes]).toEqual([202, 1]);
});

test('a body that names no webhook, where the token does, is no event', async () => {
  const { app, done } = await listener();
  const headers = fresh({ webhook_id: 'WH-1' });
  const answer = await app.inject({ method: 'POST', url, headers, payload: { object_class: 'fulfillment_request' } });
  expect([answer.statusCode, answer.json().error, done.wakes]).toEqual([400, 'The body names no webhook_id.', 0]);
});

describe('what was not signed with the secret, or is not valid now, is refused:', () => {
  const [header, claims, signature] = tokenOf({ webhook_id: 'WH-1' }).split('.');
  const other = Buffer.from(JSON.stringify({ webhook_id: 'WH-2' })).toString('base64url');
  const tokens: [string, Record<string, string>][] = [
    ['no token', {}],
    ['an empty header', { authorization: '' }],
    ['another scheme', { authorization: `Basic ${tokenOf({})}` }],
    ['no JWT', bearer('abc')],
    ['another secret', bearer(tokenOf({ webhook_id: 'WH-1' }, { secret: 'another-secret-of-somebody' }))],
    ['an empty secret', bearer(tokenOf({ webhook_id: 'WH-1' }, { secret: '' }))],
    ['the algorithm none', bearer(tokenOf({ webhook_id: 'WH-1' }, { alg: 'none' }))],
    ['another algorithm', bearer(tokenOf({ webhook_id: 'WH-1' }, { alg: 'HS512', hash: 'sha512' }))],
    ['an algorithm of keys', bearer(tokenOf({ webhook_id: 'WH-1' }, { alg: 'RS256' }))],
    ['expired', bearer(tokenOf({ webhook_id: 'WH-1', exp: seconds(-60) }))],
    ['not valid yet', bearer(tokenOf({ webhook_id: 'WH-1', nbf: seconds(600) }))],
    ['an expiry that is no number', bearer(tokenOf({ webhook_id: 'WH-1', exp: 'tomorrow' }))],
    ['other claims under the signature', bearer(`${header}.${other}.${signature}`)],
    ['no signature', bearer(`${header}.${claims}.`)],
    ['part of the signature', bearer(`${header}.${claims}.${signature?.slice(0, 20)}`)],
    ['of another webhook', bearer(tokenOf({ webhook_id: 'WH-2' }))],
  ];

  test.each(tokens)('%s', async (_what, headers) => {
    const { app, done } = await listener();
    const answer = await app.inject({ method: 'POST', url, headers, payload: event });
    expect([answer.statusCode, done.wakes]).toEqual([401, 0]);
    expect(Object.keys(answer.json())).toEqual(['error', 'call']);
    expect(JSON.stringify([done.lines, answer.body])).not.toContain(SECRET);
  });
});

test('a token that has just expired by a clock that is a little apart is taken', async () => {
  const { app } = await listener();
  const headers = bearer(tokenOf({ exp: seconds(-5) }));
  expect((await app.inject({ method: 'POST', url, headers, payload: event })).statusCode).toBe(202);
});

test.each(['[]', '"text"', 'null', '{', '', '{"webhook_id":1}', '{"__proto__":{}}'])(
  'a body %s is refused',
  async (body) => {
    const { app, done } = await listener();
    const headers = { ...fresh(), 'content-type': 'application/json' };
    const answer = await app.inject({ method: 'POST', url, headers, payload: body });
    expect([answer.statusCode, done.wakes]).toEqual([400, 0]);
    expect(answer.body).not.toMatch(/at |node_modules|Unexpected/);
  },
);

test('JSON is read whatever type the call says it has', async () => {
  const { app } = await listener();
  const headers = { ...fresh(), 'content-type': 'text/plain' };
  const answer = await app.inject({ method: 'POST', url, headers, payload: JSON.stringify(event) });
  expect(answer.statusCode).toBe(202);
});

test('an event of what a round does not look for wakes none', async () => {
  const { app, done } = await listener();
  const payload = { ...event, object_class: 'usage_file' };
  expect((await app.inject({ method: 'POST', url, headers: fresh(), payload })).statusCode).toBe(202);
  expect(done.wakes).toBe(0);
});
