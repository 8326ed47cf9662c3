import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createStories, plainPurchases } from '../../sandbox/stories';
import { createUsageStories } from '../../sandbox/usage-stories';
import { createWebhookStories } from '../../sandbox/webhook-stories';
import { Play } from '../../src/commands/demo/play';
import { createStage } from '../../src/commands/demo/stage';
import { applyWebhooks, listenSettings, showWebhooks } from '../../src/commands/demo/webhooks';
import type { Stack } from '../../src/commands/stack';
import type { WorkerProcess } from '../../src/commands/worker-process';
import { connectTemporal } from '../../src/temporal/client';
import { describeSchedule, usageSchedules } from '../../src/temporal/schedules';
import { MAIN, run } from '../support/command-line';
import { childrenOf, isAlive } from '../support/processes';
import { waitFor } from '../support/wait-for';
import { useStack } from './use-stack';

const demos: ChildProcess[] = [];
afterEach(() => demos.splice(0).forEach((child) => child.kill('SIGKILL'))); // those that a failed test has left

/** The demo in a process of its own, which a test ends. */
function startDemo(options: readonly string[], env = process.env) {
  const child = spawn(process.execPath, [MAIN, 'demo', ...options], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  demos.push(child);
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  return { child, stderr: text(child.stderr), stdout: () => stdout };
}

describe('the demo', () => {
  test('plays every story to its end, says what was expected and what came out, and ends with 0', async () => {
    const { code, stdout, stderr } = await run(['demo'], process.env);
    const inOrder = expect.stringMatching(/\n(\d+) of \1 came out as they should/);
    expect([code, stdout, stderr]).toEqual([0, inOrder, '']);
    const verdicts = stdout.slice(stdout.lastIndexOf('\npurchases: ')).split('\n');
    for (const { name } of [...createStories(), ...createUsageStories(), ...createWebhookStories('')])
      expect(verdicts).toContainEqual(expect.stringContaining(`${name}: `));
    expect(verdicts).toContainEqual(
      expect.stringMatching(/^ {2}as expected PR-\S+ +purchase +failed, no subscription$/),
    );
    expect(verdicts).toContainEqual(
      expect.stringMatching(/^ {2}as expected PR-\S+ +change +approved once, 1 subscription$/),
    );
    expect(verdicts).toContainEqual(
      expect.stringMatching(/^ {2}as expected PR-\S+ +purchase +pending, no subscription$/),
    );
    expect(verdicts).toContainEqual(
      expect.stringMatching(/^ {2}as expected PR-\S+ +purchase +failed, subscription given back$/),
    );
    expect(verdicts).toContainEqual(
      expect.stringMatching(/^ {2}as expected UF-\S+ +usage in USD accepted, submitted 2 times$/),
    );
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/as expected PR-\S+ purchase revoked, subscription given back /);
    expect(stdout).toMatch(/\nown module: .*\n {2}Backups .* vault is backup-tenant-\d+\.\n/);
    expect(stdout).toMatch(/\nchange asked: .*\n {2}administrator of tenant-\d+: bob@customer\.example\n/);
    const named =
      /\nbad record: .*\n {2}The file of CRD-\S+ is held back .*: record 2: asset AS-\S+, item TRAFIC, id \S+: .*\n/;
    expect(stdout).toMatch(named);
    expect(stdout).toMatch(/\npanel: .*\n {2}led to http:\S+\/panel\/tenant-\d+\n/);
    const [, told = ''] = stdout.split('\nWebhooks: ');
    expect(told).toMatch(
      /\n {2}ok {4}expected: every call answered; came out: (\d+) of \1 events, (\d+) of \2 drafts\n/,
    );
    expect(Math.max(...verdicts.map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(stdout).not.toContain('\x1b['); // plain lines, as the output is no terminal
    expect(stdout).toMatch(/Web UI +.*\nSandbox +http:\/\/127\.0\.0\.1:\d+\/public\/v1/);
  }, 120_000);

  test('--orders places that many purchases', async () => {
    const { code, stdout } = await run(['demo', '--orders', '7', '--latency', '0'], process.env);
    expect([code, stdout]).toEqual([0, expect.stringContaining('7 of 7 came out as they should')]);
  }, 60_000);

  test.each([
    ['SIGINT', [], /^(?=.* parked )(?=.* usage in USD )/s, [130]], // a parked run is asked for its step again and again
    ['SIGTERM', ['--orders', '20', '--keep'], / approved /, [0, 130]], // it may be done by then
    ['SIGHUP', ['--orders', '20', '--keep'], / approved /, [0, 130]],
  ] as const)(
    '%s of demo %j leaves no process behind, and nothing but a word',
    async (signal, options, moment, codes) => {
      const { TEMPORAL_ADDRESS: _borrowed, ...env } = process.env; // a server of its own, which it ends too
      const { child, stderr, stdout } = startDemo(options, env);
      await waitFor('its moment', () => moment.test(stdout()), Boolean, 60_000);
      const worker = Number(/process (\d+)/.exec(stdout())?.[1]);
      const children = childrenOf(child.pid!);
      expect(children).toContain(worker);
      expect(stdout()).toMatch(/Web UI +http:[\w.:/?=%]+\n/); // no sign at which a terminal would end the link

      child.kill(signal);
      await once(child, 'exit');
      expect(codes).toContain(child.exitCode);
      expect(stdout()).toMatch(/\nEnding what was started[^\n]*\n$/);
      expect(children.filter(isAlive)).toEqual([]);
      expect(await stderr).toBe('');
    },
    90_000,
  );

  test('a Temporal server that dies is said within some seconds, with where the log is', async () => {
    const { TEMPORAL_ADDRESS: _borrowed, ...env } = process.env;
    const { child, stderr, stdout } = startDemo([], env);
    const ended = once(child, 'exit');
    await waitFor('the first rows', () => /PR-\S+ +purchase /.test(stdout()), Boolean, 60_000);
    const children = childrenOf(child.pid!);
    const worker = Number(/process (\d+)/.exec(stdout())?.[1]);
    for (const pid of children.flatMap(childrenOf)) if (pid !== worker) process.kill(pid, 'SIGKILL');
    const killedAt = Date.now();
    await ended;
    expect([child.exitCode, await stderr]).toEqual([1, expect.stringMatching(/^The Temporal server has ended/)]);
    expect(Date.now() - killedAt).toBeLessThan(30_000);
    expect(stdout()).toMatch(/\nThe worker's log: \S+\n$/);
    const [, folder = ''] = /The worker's log: (\S+)/.exec(stdout()) ?? [];
    rmSync(folder, { recursive: true });
    expect(children.filter(isAlive)).toEqual([]);
  }, 90_000);

  test('killed on a server that lives on, it leaves rounds that end by themselves', async () => {
    const { child, stdout } = startDemo(['--orders', '1', '--keep']);
    await waitFor('the worker', () => stdout().includes('Worker '), Boolean, 60_000);
    child.kill('SIGKILL');
    await once(child, 'exit');

    const [, TEMPORAL_NAMESPACE = ''] = /namespace (connect-processor-\w+)/.exec(stdout()) ?? [];
    const left = await connectTemporal({ TEMPORAL_ADDRESS: process.env['TEMPORAL_ADDRESS']!, TEMPORAL_NAMESPACE });
    const ofUsage = await usageSchedules(left.client);
    expect(ofUsage.length).toBeGreaterThan(0);
    for (const { spec } of [(await describeSchedule(left.client))!, ...ofUsage]) {
      expect(Number(spec.endAt) - Date.now()).toBeGreaterThan(0);
      expect(Number(spec.endAt) - Date.now()).toBeLessThanOrEqual(3_600_000);
    }
    await left.connection.operatorService.deleteNamespace({ namespace: TEMPORAL_NAMESPACE });
    await left.close();
  }, 90_000);

  test('--keep leaves all running until Ctrl-C, and says how to meet it', async () => {
    const { child, stdout } = startDemo(['--orders', '1', '--keep']);
    await waitFor('the end', () => stdout().includes('Ctrl-C ends it'), Boolean, 60_000);
    const exported = Object.fromEntries(
      [...stdout().matchAll(/([A-Z_]+)=('[^']*'|\S+)/g)].map(([, name, value]) => [name, value!.replaceAll("'", '')]),
    );
    const doctor = await run(['doctor'], { PATH: process.env['PATH'], ...exported });
    expect(doctor.stdout).not.toContain('WRONG');
    expect(doctor.code).toBe(0);

    process.kill(Number(/process (\d+)/.exec(stdout())?.[1]), 'SIGKILL');
    const [, next] = await waitFor('another worker', () => /another goes on with its work: process (\d+)/.exec(stdout()) ?? [], ({ length }) => length > 0); // prettier-ignore
    expect(isAlive(Number(next))).toBe(true);
    child.kill('SIGINT');
    await once(child, 'exit');
    expect(child.exitCode).toBe(0);
  }, 90_000);
});

describe('what the demo counts', () => {
  const processor = useStack();
  const callVendor = (method: string, path: string, headers: Record<string, string> = {}, body?: object) => {
    const { vendorUrl, vendorApiKey } = processor.stack.sandbox;
    return fetch(`${vendorUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${vendorApiKey}`, ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
  };
  /** By another key than the processor's, as one would that forgot the first. */
  const createTenant = async (asset = '') => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': `another key for ${asset}` };
    const body = { external_id: asset, admin_email: 'a@b.example', licences: { limit: 1 } };
    return (await (await callVendor('POST', '/tenant', headers, body)).json()) as { tenantId: string };
  };

  test('a second subscription for one purchase is called wrong', async () => {
    const { control, stack } = processor;
    const play = new Play(control, stack.client);
    await play.place([plainPurchases(2)]);
    await waitFor('the end', async () => (await play.advance(5), play.isOver));
    await createTenant(play.rows[0]!.asset);
    const verdicts = await play.verdicts();
    expect(verdicts.map(({ ok, tenants, approvals }) => [ok, tenants, approvals])).toEqual([
      [false, 2, 1],
      [true, 1, 1],
    ]);
  });

  test('a subscription of a failed purchase is called wrong until it is given back', async () => {
    const { control, stack } = processor;
    const { id, asset } = await control.placePurchase({ assignee: 'UR-000-000-007' }); // nobody takes it up
    const wanted = { id, what: 'purchase', expected: 'failed', asset: asset.id, tenants: 1, givenBack: true } as const;
    const play = new Play(control, stack.client);
    await play.place([{ name: 'failed', about: 'a purchase that failed', place: async () => [wanted], acts: [] }]);
    const { tenantId } = await createTenant(asset.id);
    await control.force(id, { status: 'failed' });
    await play.advance(0);
    expect(await play.verdicts()).toMatchObject([{ ok: false, tenants: 1, givenBack: false }]);
    await callVendor('DELETE', `/tenant/${tenantId}`);
    expect(await play.verdicts()).toMatchObject([{ ok: true, tenants: 1, givenBack: true }]);
  });

  test('webhooks that were never called are called wrong; the schedule has no times meanwhile, and then its own', async () => {
    const { stack } = processor;
    const times = async () => (await describeSchedule(stack.client))?.spec.intervals?.map(({ every }) => every) ?? [];
    const said: string[] = [];
    let meanwhile: unknown;
    const stage = {
      signal: new AbortController().signal,
      lost: 0,
      keepWorker: async () => undefined,
      play: async () => ((meanwhile = await times()), true),
    };
    expect(await showWebhooks(stack, await listenSettings(stack.control), (line) => void said.push(line), stage)).toBe(
      false,
    );
    expect(said.at(-1)).toBe('  WRONG expected: every call answered; came out: 0 of 0 events, 0 of 0 drafts');
    expect([meanwhile, await times()]).toEqual([[], [1000]]);
  });

  let next: WorkerProcess | undefined; // the worker that followed the first
  const worker = () => next ?? processor.worker;

  test('a round whose worker was killed is finished by another, before the orders that webhooks tell of', async () => {
    const { stack, worker } = processor;
    await worker.stop('SIGKILL');
    const rounds = async () => (await describeSchedule(stack.client))?.info.runningActions.length ?? 0;
    await waitFor('a round that nobody runs', rounds, (count) => count > 0);
    const keepWorker = async () => void (next ??= await stack.startWorker());
    let roundsAtPlay: number | undefined;
    await showWebhooks(stack, await listenSettings(stack.control), () => undefined, {
      signal: new AbortController().signal,
      lost: 0,
      keepWorker,
      play: async () => ((roundsAtPlay = await rounds()), true),
    });
    expect([next?.hasEnded(), roundsAtPlay]).toEqual([false, 0]);
  });

  /** A stage whose worker is killed once a line is said. @param settings of the worker that replaces it */
  const killedAt = (moment: RegExp, settings: Record<string, string> = {}) => {
    const { stack } = processor;
    const said: string[] = [];
    const say = (line: string) => {
      said.push(line);
      if (moment.test(line)) process.kill(worker().pid, 'SIGKILL');
    };
    const startWorker: Stack['startWorker'] = async (...args) => (next = await stack.startWorker(...args));
    const play = new Play(stack.control, stack.client);
    const screen = { say, show: () => undefined, end: () => undefined };
    const { signal } = new AbortController();
    return {
      play,
      said,
      say,
      stage: createStage({ ...stack, startWorker }, play, { worker: worker(), settings, screen, signal }),
    };
  };

  test('a worker that is killed while usage is reported is replaced, and no file is submitted more often than it should', async () => {
    const { play, stage } = killedAt(/usage: the month is over/);
    expect(await stage.play(createUsageStories())).toBe(true);
    expect(stage.lost).toBe(1);
    const verdicts = await play.verdicts();
    expect(verdicts.map(({ ok, submissions, row }) => [row.story.name, row.what, row.status, submissions, ok])).toEqual(
      expect.arrayContaining([
        ['usage', 'usage in EUR', 'accepted', 1, true],
        ['usage', 'usage in USD', 'accepted', 2, true],
        ['bad record', 'usage in EUR', 'accepted', 1, true],
      ]),
    );
    expect(verdicts).toHaveLength(3);
  }, 60_000);

  test('of what Connect tells while nobody listens nothing is lost, once a worker that was killed is replaced', async () => {
    const { stack } = processor;
    const listening = await listenSettings(stack.control);
    const { play, said, say, stage } = killedAt(/draft: the customer corrects/, listening); // none has listened before
    await applyWebhooks(stack, listening, stage);
    expect(await showWebhooks(stack, listening, say, stage)).toBe(true);
    expect(stage.lost).toBe(1);
    expect(said).toContain('draft: nothing was marked, since nobody listened: the customer is asked, and answers');
    expect(said.at(-1)).toMatch(/^ {2}ok {4}expected: every call answered while there was a worker; came out: /);
    expect((await play.verdicts()).map(({ ok }) => ok)).toEqual([true, true, true]);
  }, 60_000);
});
