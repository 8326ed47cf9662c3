import { expect, test } from '@jest/globals';
import { openAction } from '../../src/http/open-action';
import type { ActionCall, ActionHook } from '../../src/sdk/product-action';
import { ACTION_SECRET, listener, SECRET, seconds, tokenOf } from './listener';

const token = (claims: object, secret = ACTION_SECRET) => tokenOf({ exp: seconds(60), ...claims }, { secret });

test('links of each product are answered, whose secrets differ; those of others are not', async () => {
  const actionOf = async () => async () => 'https://vendor.example';
  const { app } = await listener({ actionSecrets: ['secret-of-mail', 'secret-of-phones'], actionOf });
  const open = async (jwt: string) => {
    const { statusCode, body } = await app.inject(`/actions/sso?jwt=${jwt}`);
    return [statusCode, body && (JSON.parse(body) as { error: string }).error];
  };
  expect(await open(token({}, 'secret-of-mail'))).toEqual([302, '']);
  expect(await open(token({}, 'secret-of-phones'))).toEqual([302, '']);
  expect(await open(token({ exp: seconds(-60) }, 'secret-of-phones'))).toEqual([401, 'The token has expired.']);
  expect(await open(token({ exp: seconds(-60) }, 'secret-of-others'))).toEqual([401, 'The token is not valid.']);
  expect(await open('eyJ')).toEqual([401, 'The token is not valid.']);
});

async function opened(action: ActionHook, jwt = token({ asset_id: 'AS-1' })) {
  const { app, done } = await listener({ actionOf: async () => action });
  const answer = await app.inject(`/actions/sso?jwt=${jwt}`);
  return { status: answer.statusCode, location: answer.headers['location'], headers: answer.headers, done };
}

test('leads to where the vendor says', async () => {
  const { status, location, headers } = await opened(
    async ({ assetId }) => `https://vendor.example/login?of=${assetId}`,
  );
  expect([status, location]).toEqual([302, 'https://vendor.example/login?of=AS-1']);
  expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
});

test('an address may hold what a header cannot', async () => {
  expect((await opened(async () => 'https://vendor.example/テスト?a=b\r\nc')).location).toBe(
    'https://vendor.example/%E3%83%86%E3%82%B9%E3%83%88?a=bc',
  );
});

test('asking for the head alone opens nothing: an address may be good for one visit', async () => {
  let calls = 0;
  const { app } = await listener({ actionOf: async () => async () => `https://vendor.example/${++calls}` });
  const answer = await app.inject({ method: 'HEAD', url: `/actions/sso?jwt=${token({ asset_id: 'AS-1' })}` });
  expect([answer.statusCode, calls]).toEqual([404, 0]);
});

test('the vendor is told what Connect signed', async () => {
  const calls: ActionCall[] = [];
  const claims = { action_id: 'ACT-1', configuration_id: 'TC-1', asset_id: 7 };
  await opened(async (call) => (calls.push(call), 'http://vendor.example'), token(claims));
  expect(calls).toMatchObject([
    { action: 'sso', actionId: 'ACT-1', configurationId: 'TC-1', assetId: undefined, claims },
  ]);
});

test.each([
  ['nothing', undefined, 404],
  ['a script', 'javascript:alert(1)', 502],
  ['a path', '/login', 502],
  ['a file', 'file:///etc/passwd', 502],
  ['no text', 7 as unknown as string, 502],
])('an answer of %s leads nowhere', async (_what, target, status) => {
  expect((await opened(async () => target)).status).toBe(status);
});

test('the vendor is sought by what Connect signed; where it has no hook, or nobody can say whose it is, nothing opens', async () => {
  const jwt = token({ configuration_id: 'TC-1' });
  const sought: unknown[] = [];
  const none = await listener({ actionOf: async (signed) => void sought.push(signed) });
  expect((await none.app.inject(`/actions/sso?jwt=${jwt}`)).statusCode).toBe(404);
  expect(sought).toMatchObject([{ assetId: undefined, configurationId: 'TC-1' }]);
  const unknown = await listener({ actionOf: () => Promise.reject(new Error('Connect does not answer')) });
  expect((await unknown.app.inject(`/actions/sso?jwt=${jwt}`)).statusCode).toBe(502);
  expect(unknown.done.lines[0]).toMatchObject({ level: 'error', fields: { action: 'sso' } });
});

test('a hook that fails is logged, and the person is told to try again', async () => {
  const { status, done } = await opened(() => Promise.reject(new Error('the vendor is down')));
  expect(status).toBe(502);
  expect(done.lines[0]).toMatchObject({ level: 'error', fields: { action: 'sso' } });
});

test('a hook that does not answer is given up', async () => {
  const { done } = await listener();
  const log = {
    debug() {},
    info() {},
    warn() {},
    error: (message: string) => void done.lines.push({ level: 'error', message, fields: {} }),
  };
  const hook = () => new Promise<string>(() => undefined);
  await expect(openAction('sso', {}, { hookOf: async () => hook, log, timeLimitMs: 20 })).rejects.toMatchObject({
    statusCode: 502,
  });
  expect(done.lines).toHaveLength(1);
});

test.each([
  ['no token', ''],
  ['the secret of the webhooks', token({}, SECRET)],
  ['the algorithm none', tokenOf({}, { alg: 'none' })],
  ['expired', token({ exp: seconds(-60) })],
])('%s opens nothing', async (_what, jwt) => {
  expect((await opened(async () => 'https://vendor.example', jwt)).status).toBe(401);
});

test('two tokens at once open nothing', async () => {
  expect((await opened(async () => 'https://vendor.example', `${token({})}&jwt=${token({})}`)).status).toBe(401);
});
