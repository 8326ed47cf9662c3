import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { wakeRound } from '../../src/commands/wake-round';
import { POLL_SCHEDULE_ID } from '../../src/domain/ids';
import { createWaker } from '../../src/http/waker';
import { connectTemporal } from '../../src/temporal/client';
import { freePort } from '../../src/temporal/server';
import { tokenOf } from '../http/listener';
import { MAIN, run } from '../support/command-line';
import { silentProxy } from '../support/silent-proxy';
import { waitFor } from '../support/wait-for';
import { useStack } from './use-stack';

const SECRET = 'a-secret-of-the-webhooks';
const VENDOR = ['--vendor', path.join(__dirname, 'fixtures/listen-vendor.cjs')];
const HOUR = 3_600_000;

/** Nothing is found by itself: the rounds that these tests see are those that webhooks have woken. */
const box = useStack({ pollIntervalMs: HOUR, latencyMs: 50 });
let settings: Record<string, string>;
let url: string;
/** Of two products, as Connect has made them. */
let actionSecrets: string[];
const listeners: ChildProcess[] = [];

/** `connect-processor listen` in a process of its own, what it has logged, and, of a pipe, what it has said. */
async function startListener(more: Record<string, string> = {}, stderr: 'inherit' | 'pipe' = 'inherit') {
  const port = await freePort();
  const env = { ...box.stack.env, ...settings, LISTEN_PORT: String(port), ...more };
  const child = spawn(process.execPath, [MAIN, ...VENDOR, 'listen'], { env, stdio: ['ignore', 'pipe', stderr] });
  listeners.push(child);
  const errors: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => void errors.push(chunk.toString()));
  const log: string[] = [];
  child.stdout!.on('data', (chunk: Buffer) => void log.push(chunk.toString()));
  const base = `http://127.0.0.1:${port}`;
  await waitFor('the listener', async () => (await fetch(`${base}/healthz`)).ok);
  return { child, url: base, log, errors };
}

let log: string[];
beforeAll(async () => {
  const { plain, tiered } = box.stack.sandbox.products;
  const renewed = [plain, tiered].map((id) => box.control.connect('POST', `/products/${id}/actions/regeneratesecret`));
  actionSecrets = (await Promise.all(renewed)).map(({ body }) => (body as { jwt_secret: string }).jwt_secret);
  settings = { WEBHOOK_SECRET: SECRET, ACTION_SECRET: actionSecrets.join('\n'), VALIDATION_TIME_LIMIT: '300ms' };
  ({ url, log } = await startListener());
  settings['WEBHOOK_URL'] = url;
}, 60_000);
afterAll(async () => {
  for (const child of listeners) {
    if (child.exitCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
});

const webhooks = (...args: string[]) => box.run([...VENDOR, 'webhooks', ...args], settings);
const inConnect = async () =>
  (await box.control.connect('GET', '/notifications/webhooks')).body as { id: string; product: { id: string } }[];
const hook = (to = url) =>
  fetch(`${to}/webhooks/connect`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokenOf({ webhook_id: 'WH-1' }, { secret: SECRET })}` },
    body: JSON.stringify({ webhook_id: 'WH-1', object_class: 'fulfillment_request' }),
  });
/** Ends a listener in order, which meets what it was told first. */
const ended = async ({ child }: { child: ChildProcess }) => {
  child.kill('SIGTERM');
  await once(child, 'exit');
  expect(child.exitCode).toBe(0);
};
const running = async () => {
  const { info } = await box.stack.client.schedule.getHandle(POLL_SCHEDULE_ID).describe();
  return info.runningActions.length;
};
const rounds = async () => {
  const { info } = await box.stack.client.schedule.getHandle(POLL_SCHEDULE_ID).describe();
  return info.numActionsTaken;
};

/** As in seven processes, each with a connection of its own. What Temporal does not answer in time is left to the next call, as a listener does. */
async function sevenWakers() {
  const temporals = await Promise.all(Array.from({ length: 7 }, () => connectTemporal(box.stack.server.env)));
  const wakers = temporals.map(({ client }) =>
    createWaker({ trigger: async () => void (await wakeRound(client).catch(() => 'failed')) }),
  );
  return { temporals, wakers };
}

test('webhooks apply makes what is needed, once; others are left alone', async () => {
  const others = { type: 'event', object_class: 'fulfillment_request', label: 'somebody else', description: '' };
  const theirs = { ...others, product_id: box.stack.sandbox.products.plain, external_url: 'http://127.0.0.1:9' };
  const body = { ...theirs, jwt_secret: 'theirs', active: false, http_method: 'POST' };
  await box.control.connect('POST', '/notifications/webhooks', { body });
  const products = Object.values(box.stack.sandbox.products);
  const each = 2 + 2 + 4; // events, validators of fulfillment requests, of tier config requests

  const applied = await webhooks('apply');
  expect([applied.code, applied.stderr]).toEqual([0, '']);
  expect(applied.stdout.match(/ created: /g)).toHaveLength(products.length * each);
  const again = await webhooks('apply');
  expect(again.stdout.match(/ unchanged: /g)).toHaveLength(products.length * each);
  expect(await inConnect()).toHaveLength(products.length * each + 1);

  const elsewhere = { ...settings, WEBHOOK_URL: 'http://127.0.0.1:9/' };
  const moved = await box.run(['webhooks', 'apply', '--take-over'], elsewhere);
  expect(moved.stdout.match(/ updated: /g)).toHaveLength(products.length * 4);
  expect(moved.stdout.match(/ removed: /g)).toHaveLength(products.length * 4); // the example validates no resellers
  const shown = await webhooks('show');
  expect(shown.stdout).toContain('http://127.0.0.1:9/webhooks/connect');
  const asJson = await webhooks('show', '--json');
  expect(asJson.stdout + shown.stdout).not.toContain(SECRET);
  expect(JSON.parse(asJson.stdout)).toHaveLength(products.length * 4 + 1);

  expect((await box.run(['webhooks', 'remove'], elsewhere)).code).toBe(0);
  expect(await inConnect()).toEqual([expect.objectContaining({ label: 'somebody else' })]);

  const unread = spawn(process.execPath, [MAIN, ...VENDOR, 'webhooks', 'apply'], {
    env: { ...box.stack.env, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  unread.stdout.destroy(); // as `| head` does
  expect(await once(unread, 'exit')).toEqual([0, null]);
  expect(await inConnect()).toHaveLength(products.length * each + 1);
}, 60_000);

test.each(['apply', 'remove'])(
  'webhooks %s leaves those of another deployment alone, unless told otherwise',
  async (command) => {
    const theirs = await inConnect();
    const { plain, tiered } = box.stack.sandbox.products;
    // Another host, or another path of the same host: either is somewhere else.
    for (const WEBHOOK_URL of ['https://staging.example', `${url}/staging`]) {
      const refused = await box.run([...VENDOR, 'webhooks', command], { ...settings, WEBHOOK_URL });
      expect([refused.code, refused.stdout]).toEqual([1, '']);
      expect(refused.stderr).toContain(
        `elsewhere than WEBHOOK_URL, ${WEBHOOK_URL}, and another deployment may live by them`,
      );
      expect(refused.stderr).toContain(`connect-processor webhooks ${command} --take-over`);
      expect(refused.stderr).toMatch(/\n {2}and \d+ more: connect-processor webhooks show\n$/);
      expect(refused.stderr).toMatch(
        new RegExp(`^ {2}WH-\\S+ ${plain} event fulfillment_request calls ${url}/webhooks/connect$`, 'm'),
      );
    }
    expect(await inConnect()).toEqual(theirs);

    // All or nothing: of a product that nobody else serves nothing is made or removed either.
    const ours = theirs.filter(({ product }) => product.id === tiered);
    for (const { id } of ours) await box.control.connect('DELETE', `/notifications/webhooks/${id}`);
    const left = await inConnect();
    expect((await box.run(['webhooks', command], { ...settings, WEBHOOK_URL: 'https://staging.example' })).code).toBe(
      1,
    );
    expect(await inConnect()).toEqual(left);
    expect((await webhooks('apply')).code).toBe(0);
  },
  60_000,
);

test('webhooks remove needs WEBHOOK_URL to know its own, or is told to take over', async () => {
  const before = (await inConnect()).length;
  const unsure = await box.run(['webhooks', 'remove']);
  expect([unsure.code, unsure.stderr]).toEqual([2, expect.stringContaining('Set WEBHOOK_URL')]);
  expect(await inConnect()).toHaveLength(before);
  expect((await box.run(['webhooks', 'remove', '--take-over'])).code).toBe(0);
  expect(await inConnect()).toEqual([expect.objectContaining({ label: 'somebody else' })]);
  expect((await webhooks('apply')).code).toBe(0);
}, 60_000);

test('an order is approved by a webhook alone: here, rounds come by themselves once an hour', async () => {
  const { id } = await box.control.placePurchase();
  expect(await box.control.untilSettled(id, { statuses: ['approved'] })).toBe('approved');
});

test('orders that come close together are all approved', async () => {
  const orders = await Promise.all(Array.from({ length: 12 }, () => box.control.placePurchase()));
  for (const { id } of orders) {
    expect(await box.control.untilSettled(id, { statuses: ['approved'] })).toBe('approved');
    expect(await box.control.effects(id, 'approve')).toBe(1);
  }
}, 60_000);

test('a flood of webhooks, at two listeners, costs a few rounds', async () => {
  const [one, other] = [await startListener(), await startListener()];
  const before = await rounds();
  const begun = Date.now();
  const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => hook(n % 2 === 0 ? one.url : other.url)));
  const spacings = Math.floor((Date.now() - begun) / 500); // that the flood lasts: none, unless the machine is busy
  expect(answers.map(({ status }) => status)).toEqual(Array<number>(200).fill(202));
  await Promise.all([ended(one), ended(other)]); // all that they were told has been met by then
  await waitFor('the last round', async () => (await rounds()) > before && (await running()) === 0);
  expect((await rounds()) - before).toBeLessThanOrEqual(4 + 2 * spacings); // of each listener one at once, and one for all the rest
}, 60_000);

test('a flood that lasts costs a round each half second, however many hear it', async () => {
  const { temporals, wakers } = await sevenWakers();
  const before = await rounds();
  const begun = Date.now();
  const flooding = () => wakers.forEach(({ wake }) => wake());
  const count = await waitFor('eight rounds', async () => (flooding(), (await rounds()) - before), (n) => n >= 8); // prettier-ignore
  expect(Date.now() - begun).toBeGreaterThan((count - 1) * 500 - 100);
  await Promise.all(wakers.map(({ close }) => close()));
  await Promise.all(temporals.map(({ close }) => close()));
}, 60_000);

test('Temporal that hangs with an event accepted does not keep a listener from ending; its health says that it does', async () => {
  const proxy = await silentProxy(box.stack.server.address);
  const healthPort = await freePort();
  const own = await startListener({ TEMPORAL_ADDRESS: proxy.address, HEALTH_PORT: String(healthPort) });
  const health = async (path: string) => (await fetch(`http://127.0.0.1:${healthPort}${path}`)).status;
  await waitFor('it to be ready', () => health('/ready'), (status) => status === 200); // prettier-ignore
  proxy.fallSilent();
  expect((await hook(own.url)).status).toBe(202);
  const ending = ended(own);
  await waitFor('it to be ready no more', () => health('/ready'), (status) => status === 503); // prettier-ignore
  expect(await health('/live')).toBe(200);
  await ending;
  expect(own.log.join('')).toContain('a webhook could not wake a round');
  proxy.close();
}, 30_000);

describe('a listener', () => {
  const open = async (to: string, action: string) => {
    const jwt = tokenOf({ asset_id: 'AS-1' }, { secret: actionSecrets[0]! });
    return (await fetch(`${to}/actions/${action}?jwt=${jwt}`, { redirect: 'manual' })).status;
  };

  test('whose vendor throws where nobody can catch it says so and ends with 1, so that it is started again', async () => {
    const own = await startListener({}, 'pipe');
    const exit = once(own.child, 'close');
    expect(await open(own.url, 'bursts')).toBe(404);
    expect(await exit).toEqual([1, null]);
    expect(own.log.join('')).toMatch(/"an error was thrown that nobody caught, [^"]*: the listener ends"/);
    expect(own.log.join('')).toContain('"has stopped listening"');
    expect(own.errors.join('')).toBe(
      'The listener has ended because of an error that nobody caught. Its log says where.\n',
    );
  });

  test('whose vendor awaits too little goes on, and ends with 0', async () => {
    const own = await startListener();
    expect(await open(own.url, 'forgets')).toBe(404);
    await waitFor('the line', () => own.log.join('').includes('"a promise that nobody awaits was rejected'));
    expect(await open(own.url, 'sso')).toBe(302);
    await ended(own);
  });

  test.each(['SIGINT', 'SIGQUIT'] as const)('stops at %s as at SIGTERM', async (signal) => {
    const own = await startListener();
    const exit = once(own.child, 'exit');
    own.child.kill(signal);
    expect(await exit).toEqual([0, null]);
    expect(own.log.join('')).toContain('"has stopped listening"');
  });
});

test('where somebody has paused the rounds, a webhook wakes none', async () => {
  const schedule = box.stack.client.schedule.getHandle(POLL_SCHEDULE_ID);
  await schedule.pause('looking into it');
  const before = await rounds();
  const own = await startListener();
  expect((await hook(own.url)).status).toBe(202);
  await ended(own); // what it was told has been met by then
  expect(await rounds()).toBe(before);
  await schedule.unpause();
});

describe('a draft', () => {
  const errorOf = async (email: string) => {
    const { id } = await box.control.placePurchase({ draft: true, admin_email: email });
    const { body } = await box.control.connect('GET', `/requests/${id}`);
    const { params } = (body as { asset: { params: { id: string; value_error: string }[] } }).asset;
    return params.find((param) => param.id === 'admin_email')?.value_error;
  };

  test('is validated by the vendor while the customer enters it', async () => {
    expect(await errorOf('ada')).toBe('Enter an e-mail address.');
    expect(await errorOf('ada@customer.example')).toBe('');
  });

  test.each(['slow@customer.example', 'broken@customer.example'])(
    'passes where the check of %s fails',
    async (email) => {
      expect(await errorOf(email)).toBe('');
      await waitFor('the log', () => log.join('').includes('which was let through'));
    },
  );
});

interface TierDraft {
  id: string;
  status: string;
  configuration: { tier_level: number };
  params: { id: string; value: string; value_error: string }[];
}
const TIERS = '/tier/config-requests';
const taxOf = ({ params }: TierDraft) => {
  const { value, value_error: error } = params.find(({ id }) => id === 'tax_number')!;
  return { value, error };
};
const correct = async (id: string, value: string) => {
  const body = { params: [{ id: 'tax_number', value }] };
  return (await box.control.connect('POST', `${TIERS}/${id}/validate`, { as: 'distributor', body })).body as TierDraft;
};

test('resellers of both tiers are checked and corrected while the order is a draft; placed, all is approved', async () => {
  const { control, stack } = box;
  const order = await control.placePurchase({ product: stack.sandbox.products.tiered, reseller: 'new', draft: true });
  const { body } = await control.connect('GET', TIERS);
  const drafts = body as TierDraft[];
  expect(drafts.map((draft) => [draft.status, taxOf(draft).error])).toEqual([
    ['draft', 'Enter the tax number of the reseller of tier 2.'],
    ['draft', 'Enter the tax number of the reseller of tier 1.'],
  ]);
  for (const { id } of drafts) expect(taxOf(await correct(id, 'DE 12'))).toEqual({ value: 'DE12', error: '' });

  await control.connect('POST', `/requests/${order.id}/purchase`, { as: 'distributor', body: {} });
  for (const { id } of [...drafts, order]) {
    expect(await control.untilSettled(id, { statuses: ['approved'] })).toBe('approved');
    expect(await control.effects(id, 'approve')).toBe(1);
  }
}, 60_000);

test.each([1, 2] as const)(
  'an update of a reseller of tier %d is checked and corrected before it is placed',
  async (level) => {
    const { control, stack } = box;
    await control.seedSubscription({ product: stack.sandbox.products.tiered, reseller: `known-${level}` });
    const ofReseller = `and(eq(tier_level,${level}),like(account.external_id,known-${level}*))`;
    const { body: configs } = await control.connect('GET', `/tier/configs?${ofReseller}`);
    const [configuration] = configs as { id: string }[];
    const params = [{ id: 'tax_number', value: 'none' }];
    const body = { type: 'update', status: 'draft', configuration: { id: configuration!.id }, params };
    const draft = (await control.connect('POST', TIERS, { as: 'distributor', body })).body as TierDraft;
    expect(taxOf(draft)).toEqual({ value: 'none', error: `Enter the tax number of the reseller of tier ${level}.` });
    expect(taxOf(await correct(draft.id, 'DE 34'))).toEqual({ value: 'DE34', error: '' });

    await control.connect('POST', `${TIERS}/${draft.id}/submit`, { as: 'distributor' });
    expect(await control.untilSettled(draft.id, { statuses: ['approved'] })).toBe('approved');
    const { body: updated } = await control.connect('GET', `/tier/configs/${configuration!.id}`);
    expect(taxOf(updated as TierDraft).value).toBe('DE34');
  },
  60_000,
);

test.each(['plain', 'tiered'] as const)('an action of the product %s leads to the vendor', async (name) => {
  const { control, stack } = box;
  const product = stack.sandbox.products[name];
  const { asset } = await control.seedSubscription({ product });
  const pressed = async (action: string) => {
    const path = `/products/${product}/actions`;
    const members = { name: action, type: 'button', scope: 'asset', description: 'A button' };
    const { body } = await control.connect('POST', path, { body: { ...members, action: `${url}/actions/${action}` } });
    const link = await control.connect('GET', `${path}/${(body as { id: string }).id}/actionLink?asset_id=${asset}`);
    return await fetch((link.body as { link: string }).link, { redirect: 'manual' });
  };
  const answer = await pressed('sso');
  const leadsTo = `https://vendor.example/login?subscription=${asset}`;
  expect([answer.status, answer.headers.get('location')]).toEqual([302, leadsTo]);
  expect((await pressed('other')).status).toBe(404);
});

test('a link that Connect has not signed leads nowhere', async () => {
  const jwt = tokenOf({ asset_id: 'AS-1' }, { secret: SECRET });
  expect((await fetch(`${url}/actions/sso?jwt=${jwt}`, { redirect: 'manual' })).status).toBe(401);
});

test('neither a secret nor a token is in the log', () => {
  const text = log.join('');
  expect(text).toContain('"callId"');
  for (const secret of [SECRET, ...actionSecrets, 'eyJ']) expect(text).not.toContain(secret);
});

test('a worker answers as well, where it is told the port', async () => {
  const port = await freePort();
  const worker = await box.stack.startWorker({ ...settings, LISTEN_PORT: String(port) });
  const base = `http://127.0.0.1:${port}`;
  expect((await hook(base)).status).toBe(202);
  const metrics = async () => (await fetch(`http://127.0.0.1:${worker.metricsPort}/metrics`)).text();
  await waitFor('the counters', metrics, (text) => /connect_round_wakes_total\{[^}]*outcome="triggered"/.test(text));
  expect(await metrics()).toMatch(/connect_listen_calls_total\{[^}]*door="\/webhooks\/connect"[^}]*\} 1/);
  await worker.stop();
}, 60_000);

test('where product actions alone are answered, listen needs no Temporal', async () => {
  const own = await startListener({ WEBHOOK_SECRET: '', TEMPORAL_ADDRESS: '127.0.0.1:9' });
  const { asset } = await box.control.seedSubscription({});
  const jwt = tokenOf({ asset_id: asset, exp: Math.floor(Date.now() / 1000) + 60 }, { secret: actionSecrets[0]! });
  expect((await fetch(`${own.url}/actions/sso?jwt=${jwt}`, { redirect: 'manual' })).status).toBe(302);
  expect((await hook(own.url)).status).toBe(404);
  await ended(own);
}, 60_000);

test.each([
  ['there is no secret', { WEBHOOK_SECRET: '', ACTION_SECRET: '' }, 2, /nothing to listen for/],
  ['a secret is short', { WEBHOOK_SECRET: 'short' }, 2, /WEBHOOK_SECRET must have 16/],
  ['the port is taken', {}, 1, /Port \d+ is in use already.*LISTEN_PORT/],
  ['Temporal does not answer', { TEMPORAL_ADDRESS: '127.0.0.1:9', LISTEN_PORT: '1' }, 3, /No Temporal server answers/],
])(
  'listen ends at once where %s',
  async (_what, more, code, words) => {
    const env = { ...box.stack.env, ...settings, LISTEN_PORT: new URL(url).port, ...more };
    const ended = await run([...VENDOR, 'listen'], env);
    expect([ended.code, ended.stderr]).toEqual([code, expect.stringMatching(words)]);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  },
  30_000,
);

test('listen ends at once where the port of its health is taken', async () => {
  const ended = await run([...VENDOR, 'listen'], { ...box.stack.env, ...settings, HEALTH_PORT: new URL(url).port });
  expect([ended.code, ended.stderr]).toEqual([
    1,
    expect.stringMatching(/^Port \d+ is in use already.*HEALTH_PORT\.$/m),
  ]);
}, 30_000);

test('webhooks apply says what it lacks', async () => {
  const ended = await box.run(['webhooks', 'apply'], { WEBHOOK_SECRET: SECRET });
  expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('Set WEBHOOK_URL and WEBHOOK_SECRET')]);
});
