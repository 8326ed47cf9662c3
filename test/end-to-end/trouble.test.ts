import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { WorkerProcess } from '../../src/commands/worker-process';
import { waitFor } from '../support/wait-for';
import { useStack } from './use-stack';

const VENDOR = path.join(__dirname, 'fixtures/trouble-vendor.cjs');
/** A handler’s faults are to leave other orders alone: they may run at the same time. */
const concurrently = test.concurrent;
const IMPATIENT = { RETRY_QUIETLY_FOR: '1s', RETRY_FOR: '1h' };

describe('a person takes an order up while Connect does not take its step', () => {
  const processor = useStack();
  const path = '/requests/{id}';

  /** Waits until Temporal's own attempts are over, then asks the customer, as somebody does in the portal. */
  async function askedByAPerson(step: 'approve' | 'fail', admin_email: string) {
    const order = await processor.purchaseMeeting(
      [{ api: 'connect', method: 'POST', path: `${path}/${step}`, status: 503 }],
      { admin_email },
    );
    const { faults, ...placed } = order;
    const fault = faults[0]!.id;
    await waitFor('three attempts', async () => (await processor.control.getFault(fault)).hits >= 3);
    const params = [{ id: 'admin_email', value_error: 'Is it yours?' }];
    await processor.control.connect('PUT', `/requests/${order.id}`, { body: { asset: { params } } });
    await processor.control.connect('POST', `/requests/${order.id}/inquire`, { body: {} });
    return { order: placed, goOn: () => processor.control.clearFault(fault) };
  }
  const outcomesOf = async (id: string) => {
    const { stdout } = await processor.run(['requests', 'show', id, '--json']);
    return (JSON.parse(stdout) as { runs: { result?: { outcome: string } }[] }).runs.map(
      ({ result }) => result?.outcome,
    );
  };

  concurrently(
    'one that was to be failed is answered: the vendor decides about what it is now',
    async () => {
      const { order, goOn } = await askedByAPerson('fail', 'refused@customer.example');
      await processor.control.answer(order.id, { admin_email: 'ada@customer.example' });
      await goOn();
      expect(await processor.control.untilSettled(order.id)).toBe('approved');
      expect(await processor.control.effects(order.id, 'fail')).toBeFalsy();
      expect((await processor.control.tenantsOf(order.asset.id)).map(({ admin_email }) => admin_email)).toEqual([
        'ada@customer.example',
      ]);
    },
    60_000,
  );

  concurrently(
    'one that was to be approved, and whose customer is being asked, is left to that',
    async () => {
      const { order, goOn } = await askedByAPerson('approve', 'ada@customer.example');
      await goOn();
      await waitFor('its end', async () => (await outcomesOf(order.id)).includes('noop'));
      expect((await processor.control.timeline(order.id)).at(-1)?.to).toBe('inquiring');
      await processor.control.answer(order.id, { admin_email: 'grace@customer.example' });
      expect(await processor.outcomeOf(order)).toEqual({ status: 'approved', approvals: 1, tenants: 1 });
    },
    60_000,
  );
});

describe('a vendor’s handler is at fault', () => {
  const processor = useStack({ settings: IMPATIENT, worker: ['--vendor', VENDOR] });
  const purchaseBy = (kind: string) => processor.control.placePurchase({ admin_email: `${kind}@customer.example` });

  concurrently.each([
    ['throws', 'retrying', /VendorFault/, /"purchase" threw TypeError: Cannot read properties/],
    ['never', 'retrying', /VendorTimeout/, /"purchase" did not return within 1 s/],
    ['nonsense', 'parked', /VendorContract/, /it returned a string; return approve/],
    ['unknown', 'parked', /ParameterMissing/, /no parameter "no_such_parameter". It has: .*subscription_id/],
  ] as const)(
    'one that %s: the request is %s and says why, the next one is approved',
    async (kind, phase, type, reason) => {
      const order = await purchaseBy(kind);
      const progress = await processor.untilPhase(order.id, phase);
      expect(progress).toMatchObject({
        failureType: expect.stringMatching(type),
        reason: expect.stringMatching(reason),
      });
      expect(await processor.runOf(order.id).currentDetails()).toMatch(/developer|vendor/i);

      const fine = await purchaseBy('fine');
      expect(await processor.control.untilSettled(fine.id)).toBe('approved');
      expect((await processor.control.timeline(order.id)).at(-1)?.to).toBe('pending');
    },
  );

  concurrently('one that forgets to await: the worker goes on, and its log says whose handler it was', async () => {
    const order = await purchaseBy('forgets');
    expect(await processor.control.untilSettled(order.id)).toBe('approved');
    const line = await waitFor('the log', () => linesAbout(processor.worker, 'the mail server is away')[0]);
    expect(line).toMatchObject({
      level: 'error',
      requestId: order.id,
      activityType: 'askVendor',
      msg: expect.stringContaining('lacks an await'),
      error: { stack: expect.stringContaining('tellTheCustomer') },
    });
    const next = await purchaseBy('fine');
    expect(await processor.outcomeOf(next)).toMatchObject({ status: 'approved', approvals: 1 });
    expect(processor.worker.hasEnded()).toBe(false);
  });

  concurrently('a placeholder parks, and says which file to write', async () => {
    const { asset } = await processor.control.seedSubscription();
    const order = await processor.control.placeOrder({ type: 'change', asset });
    const { failureType, reason } = await processor.untilPhase(order.id, 'parked');
    expect([failureType, reason]).toEqual(['VendorNotWritten', expect.stringContaining('src/vendor/change.ts')]);
  });

  concurrently('a handler that is absent leaves its type pending, listed and logged once', async () => {
    const { asset } = await processor.control.seedSubscription();
    const order = await processor.control.placeOrder({ type: 'suspend', asset });
    const lines = () =>
      readFileSync(processor.worker.logFile, 'utf8')
        .split('\n')
        .filter((line) => line.includes(order.id));
    await waitFor('the log', () => lines().length === 1);
    const listed = await processor.run(['--vendor', VENDOR, 'requests', 'list', '--unhandled', '--json']);
    expect(JSON.parse(listed.stdout)).toEqual([expect.objectContaining({ id: order.id, type: 'suspend' })]);
    await anotherRound(processor);
    expect(lines()).toEqual([expect.stringContaining('no handler for this type')]);
    expect(JSON.parse(lines()[0]!)).toMatchObject({ level: 'warn', requestId: order.id });
  });

  concurrently('a password is saved in Connect, and stands in no history, log or answer of a command', async () => {
    const order = await purchaseBy('secret');
    expect(await processor.control.untilSettled(order.id)).toBe('approved');
    const { body } = await processor.control.connect('GET', `/requests/${order.id}`);
    expect(JSON.stringify(body)).toContain('hunter2-first-password');

    const history = await processor.runOf(order.id).readable();
    expect(history).toContain('sub-AS-');
    expect(history).not.toContain('hunter2');
    expect(readFileSync(processor.worker.logFile, 'utf8')).not.toContain('hunter2');
  });

  concurrently('a key that a handler puts into its error reaches neither log nor history', async () => {
    const key = processor.stack.sandbox.vendorApiKey;
    const order = await purchaseBy('leaks');
    const { reason } = await processor.untilPhase(order.id, 'retrying');
    expect(reason).toMatch(/401 for Bearer \[redacted\], and for Basic .{0,8}\[redacted\]/);
    const basic = Buffer.from(`user:${key}`).toString('base64');
    for (const text of [await processor.runOf(order.id).readable(), readFileSync(processor.worker.logFile, 'utf8')]) {
      expect(text).not.toContain(key);
      expect(text).not.toContain(basic);
    }
  });

  concurrently('a key in the reason of a refusal reaches neither Connect nor log nor history', async () => {
    const key = processor.stack.sandbox.vendorApiKey;
    const order = await purchaseBy('tells');
    expect(await processor.control.untilSettled(order.id)).toBe('failed');
    const reason = 'The API said: 401 for key [redacted]';
    expect(await processor.runOf(order.id).result()).toEqual({ outcome: 'failed', reason });
    expect((await processor.control.connect('GET', `/requests/${order.id}`)).body).toMatchObject({ reason });
    expect(await processor.runOf(order.id).readable()).not.toContain(key);
    expect(readFileSync(processor.worker.logFile, 'utf8')).not.toContain(key);
  });

  concurrently('a key in the value of a parameter parks the request, and is not saved', async () => {
    const key = processor.stack.sandbox.vendorApiKey;
    const order = await purchaseBy('saves');
    const { failureType, reason } = await processor.untilPhase(order.id, 'parked');
    expect([failureType, reason]).toEqual([
      'VendorContract',
      expect.stringContaining('returned for "admin_email" holds a key'),
    ]);
    const { body } = await processor.control.connect('GET', `/requests/${order.id}`);
    expect(JSON.stringify(body)).toContain(`sub-${order.asset.id}`);
    for (const text of [JSON.stringify(body), await processor.runOf(order.id).readable()])
      expect(text).not.toContain(key);
  });
});

describe('Connect holds something unexpected', () => {
  const processor = useStack({ settings: IMPATIENT });
  const { plain, faulty } = { plain: 'PRD-100-000-001', faulty: 'PRD-100-000-003' };
  afterEach(() => processor.control.clearFaults());

  test('a type that nobody knows is left pending, and an order beside it is approved', async () => {
    const { id } = await processor.control.placePurchase({ draft: true });
    await processor.control.force(id, { type: 'teleport', status: 'pending' });
    const fine = await processor.control.placePurchase();
    expect(await processor.outcomeOf(fine)).toEqual({ status: 'approved', approvals: 1, tenants: 1 });
    expect((await processor.run(['requests', 'list', '--unhandled'])).stdout).toMatch(new RegExp(`${id} +teleport`));
  });

  test('a status that nobody knows ends the run as noop; nothing is done', async () => {
    const order = await processor.purchaseMeeting([]);
    const stolen = await processor.control.placePurchase({ draft: true });
    expect(await processor.control.untilSettled(order.id)).toBe('approved');
    await processor.control.fault({
      api: 'connect',
      method: 'GET',
      path: `/requests/${stolen.id}`,
      json: await asStatus(stolen.id, 'teleported'),
    });
    await processor.control.connect('POST', `/requests/${stolen.id}/purchase`, { as: 'distributor', body: {} });
    await waitFor('the run', async () => (await processor.runOf(stolen.id).status()) === 'COMPLETED');
    expect(await processor.runOf(stolen.id).result()).toMatchObject({ outcome: 'noop', status: 'teleported' });
    expect(await processor.control.tenantsOf(stolen.asset.id)).toEqual([]);
  });

  test('a request that vanishes ends as gone', async () => {
    const order = await processor.purchaseMeeting([
      { api: 'connect', method: 'GET', path: '/requests/{id}', status: 404, error_code: 'RES_001' },
    ]);
    expect(await processor.runOf(await untilStarted(order.id)).result()).toEqual({ outcome: 'gone' });
  });

  test('an answer of another shape parks and names the path, not the value', async () => {
    const order = await processor.purchaseMeeting([
      { api: 'connect', method: 'GET', path: '/requests/{id}', json: { id: 'PR-1', type: 7, status: 'pending' } },
    ]);
    const { failureType, reason } = await processor.untilPhase(order.id, 'parked');
    expect([failureType, reason]).toEqual(['ConnectContract', expect.stringContaining('with type not as expected')]);
  });

  test('an approval that Connect refuses parks with Connect’s own words, and goes on after reprocess', async () => {
    const order = await processor.purchaseMeeting([
      {
        api: 'connect',
        method: 'POST',
        path: '/requests/{id}/approve',
        status: 400,
        error_code: 'VAL_001',
        errors: ['asset.params.x: This field may not be blank.'],
      },
    ]);
    const { step, reason } = await processor.untilPhase(order.id, 'parked');
    expect([step, reason]).toEqual([
      'approve',
      expect.stringContaining('400 VAL_001 asset.params.x: This field may not'),
    ]);
    expect(await processor.runOf(order.id).searchAttributes()).toMatchObject({
      ConnectPhase: 'parked',
      ConnectProductId: plain,
      ConnectAssetId: order.asset.id,
      ConnectRequestType: 'purchase',
    });
    await processor.control.clearFaults();
    expect((await processor.run(['requests', 'reprocess', order.id])).code).toBe(0);
    expect(await processor.outcomeOf({ ...order, faults: [] })).toEqual({
      status: 'approved',
      approvals: 1,
      tenants: 1,
    });
  });

  test('a missing template parks before the vendor is called, and says which names exist', async () => {
    const { control } = processor;
    const { body } = await control.connect(
      'GET',
      `/products/${faulty}/templates?and(eq(scope,asset),eq(type,fulfillment))`,
    );
    const templates = body as { id: string; name: string }[];
    await control.removeTemplate(faulty, templates.find(({ name }) => name === 'Default Activation Template')!.id);
    const extra = await control.fault({
      api: 'connect',
      method: 'GET',
      path: `/products/${faulty}/templates`,
      json: [
        { id: 'TL-1', name: 'Spring', scope: 'asset', type: 'fulfillment' },
        { id: 'TL-2', name: 'Autumn', scope: 'asset', type: 'fulfillment' },
      ],
    });
    const order = await control.placePurchase({ product: faulty });
    const { failureType, reason } = await processor.untilPhase(order.id, 'parked');
    expect(failureType).toBe('TemplateMissing');
    expect(reason).toContain(
      'no fulfillment template "Default Activation Template" in scope asset. There: "Spring", "Autumn"',
    );
    expect((await control.getFault(extra.id)).hits).toBeGreaterThan(0);
    expect(await control.tenantsOf(order.asset.id)).toEqual([]);
  });

  async function asStatus(id: string, status: string): Promise<object> {
    return { ...((await processor.control.connect('GET', `/requests/${id}`)).body as object), status };
  }
  async function untilStarted(id: string): Promise<string> {
    return await waitFor('its run', async () => (await processor.runOf(id).status()) && id);
  }
});

describe('the configuration is wrong', () => {
  const processor = useStack({ worker: false, settings: IMPATIENT });

  test('a wrong key: the worker keeps trying and says so, doctor says what to do, no key in either', async () => {
    const wrongKey = 'ApiKey SU-000-000-009:not-the-right-secret';
    const worker = await processor.stack.startWorker({ CONNECT_API_KEY: wrongKey });
    const log = () => readFileSync(worker.logFile, 'utf8');
    const itsWord = /ConnectAuth.*An operator checks CONNECT_API_KEY/;
    await waitFor('its word', log, (lines) => itsWord.test(lines));
    expect(log()).not.toContain('not-the-right-secret');

    const doctor = await processor.run(['doctor'], { CONNECT_API_KEY: wrongKey });
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toContain('Check CONNECT_API_KEY');
    expect(doctor.stdout + doctor.stderr).not.toContain('not-the-right-secret');
    await worker.stop();
  });

  test('a product that does not exist: doctor names it; the other products go on', async () => {
    const { plain } = processor.stack.sandbox.products;
    const settings = { CONNECT_PRODUCTS: `PRD-999-999-999,${plain}` };
    const doctor = await processor.run(['doctor'], settings);
    expect(doctor.stdout).toMatch(/WRONG +product PRD-999-999-999 does not exist for this key/);
    const worker = await processor.stack.startWorker(settings);
    expect(await processor.outcomeOf(await processor.control.placePurchase())).toMatchObject({ status: 'approved' });
    await worker.stop();
  });
});

describe('a vendor’s code throws where nobody can catch it', () => {
  const processor = useStack({ settings: IMPATIENT, worker: false });

  test('the worker says whose handler it was and ends; another goes on with the work', async () => {
    const { control, stack } = processor;
    const order = await control.placePurchase({ admin_email: 'bursts@customer.example' });
    const worker = await stack.startWorker({}, ['--vendor', VENDOR]);
    await waitFor('its end', () => worker.hasEnded(), Boolean, 60_000);
    expect(linesAbout(worker, 'thrown in a timer')[0]).toMatchObject({ level: 'error', requestId: order.id });
    expect(readFileSync(worker.logFile, 'utf8')).toMatch(
      /"worker has stopped"[^]*The worker has ended because of an error/,
    );

    await stack.startWorker();
    expect(await control.untilSettled(order.id, { timeoutMs: 60_000 })).toBe('approved');
  }, 150_000);
});

/** Lines of a worker's log that hold a text. */
function linesAbout({ logFile }: WorkerProcess, text: string): Record<string, unknown>[] {
  const lines = readFileSync(logFile, 'utf8').split('\n');
  return lines.filter((line) => line.includes(text)).map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Waits until a round that began after now has ended. */
async function anotherRound({ stack }: ReturnType<typeof useStack>): Promise<void> {
  const count = async () =>
    (await stack.client.workflow.count("WorkflowType = 'pollConnect' AND ExecutionStatus = 'Completed'")).count;
  const before = await count();
  await waitFor('two more rounds', async () => (await count()) >= before + 2);
}
