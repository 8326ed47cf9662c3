import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import readSheets from 'read-excel-file/node';
import type { SeededSubscription } from '../../sandbox/control-client';
import type { UsageFileState } from '../../sandbox/usage-control';
import type { WorkerProcess } from '../../src/commands/worker-process';
import { DEFAULT_TASK_QUEUE } from '../../src/domain/ids';
import { DEFAULT_PATIENCE, type Patience } from '../../src/domain/request-run';
import { startUsageReport, type UsageRun, usageRun } from '../../src/temporal/usage-runs';
import { MAIN } from '../support/command-line';
import { waitFor } from '../support/wait-for';
import { form, rowFor, workbook } from '../sandbox/usage';
import { useStack } from './use-stack';

const processor = useStack({ worker: false, pollIntervalMs: 3_600_000 }); // here are no requests to poll for
let worker: WorkerProcess;
beforeAll(async () => {
  worker = await processor.stack.startWorker();
}, 60_000);
const PLACES = ['MP-10001', 'MP-10002'];

let months = 0;
let period: string;
let subscriptions: SeededSubscription[];

/** A month of its own for each test, long over, and two subscriptions at each place. */
beforeEach(async () => {
  months += 1;
  period = new Date(Date.UTC(2020, months)).toISOString().slice(0, 7);
  await processor.control.reset();
  subscriptions = [];
  for (const marketplace of PLACES) {
    const product = processor.stack.sandbox.products.usage;
    subscriptions.push(...(await processor.control.seedSubscriptions({ product, marketplace, count: 2 })));
  }
});
afterEach(() => processor.control.clearFaults());

const productId = () => processor.stack.sandbox.products.usage;
const report = (...options: string[]) =>
  processor.run(['usage', 'report', '--product', productId(), '--period', period, '--old', ...options]);
const files = () => processor.control.usage.files();
const statuses = async (wanted: string) =>
  await waitFor(
    `each file to be ${wanted}`,
    files,
    (all: UsageFileState[]) => all.length === PLACES.length && all.every(({ status }) => status === wanted),
    30_000,
  );
const runOf = async (id: string) => (await usageRun(processor.stack.client, id))!;
const idOf = (contract: string) => `usage-${productId()}-${contract}-${period}`;
const parked = async (id: string, failureType: string) => {
  const run = await waitFor(
    `${id} parked`,
    () => runOf(id),
    ({ progress }) => progress?.phase === 'parked',
  );
  expect(run.progress?.failureType).toBe(failureType);
  return run.progress!;
};

/** The month is reported by runs of this patience. */
const startWith = async (patience: Partial<Patience>) => {
  const options = { taskQueue: DEFAULT_TASK_QUEUE, patience: { ...DEFAULT_PATIENCE, ...patience } };
  await startUsageReport(processor.stack.client, { productId: productId(), period }, options);
};

/** Both files are with the distributor, and their runs wait for the verdict. */
const waiting = async () => {
  const pending = await statuses('pending');
  for (const { external_id: id } of pending) {
    await waitFor(`${id} to wait`, async () => (await runOf(id)).progress?.step === 'the distributor looks at it');
  }
  return pending;
};
const looksNow = async (id: string) => expect((await processor.run(['usage', 'reprocess', id])).code).toBe(0);

const inThePortal = async (path: string, body?: FormData) =>
  expect((await processor.control.connect('POST', path, { as: 'vendor', body })).status).toBeLessThan(300);

/** Another workbook, of one row, and later than the last: Connect names them by the second. */
async function uploadedByHand(id: string): Promise<void> {
  const later = Math.ceil(Date.now() / 1000) * 1000;
  await waitFor('another second', () => Date.now() >= later);
  const times = { start_time_utc: `${period}-01 00:00:00`, end_time_utc: `${period}-28 23:59:59` };
  await inThePortal(`/usage/files/${id}/upload`, form(await workbook([rowFor(subscriptions[0]!.asset, times)])));
  await processor.control.usage.untilSettled(id, { statuses: ['ready'] });
}

/** The same, submitted there. */
async function replacedByHand(id: string): Promise<void> {
  await uploadedByHand(id);
  await inThePortal(`/usage/files/${id}/submit`);
}

/** What the vendor counts and what stands in Connect, in the same words. */
async function bothSides() {
  const counted = await processor.control.usage.ofVendor(period);
  const rows = (await Promise.all((await files()).map(({ id }) => processor.control.usage.rows(id)))).flat();
  const inWords = (one: { asset: string | null; mpn: string | null; quantity: number }) =>
    `${one.asset} ${one.mpn} ${one.quantity}`;
  return {
    vendor: counted.map(({ external_id, ...rest }) => inWords({ asset: external_id, ...rest })).sort(),
    connect: rows.map(inWords).sort(),
  };
}

/** What `usage list` says of the month. */
const listed = async (settings: Record<string, string> = {}) => {
  const said = await processor.run(['usage', 'list', '--json'], settings);
  const rows = JSON.parse(said.stdout) as { id: string; period: string; finding: string }[];
  return rows.filter((row) => row.period === period);
};

const effects = async () => (await files()).map(({ effects: done }) => done);

describe('usage of a month', () => {
  test('is reported as one file a contract, each record once; accepted by the distributor it is over; a re-run changes nothing', async () => {
    const { code, stdout } = await report();
    expect([code, stdout]).toEqual([0, expect.stringContaining('reported')]);
    const pending = await waiting();
    expect(pending.map(({ currency, period: span }) => [currency, span]).sort()).toEqual([
      ['EUR', { from: `${period}-01`, to: expect.stringMatching(`^${period}-`) }],
      ['USD', { from: `${period}-01`, to: expect.stringMatching(`^${period}-`) }],
    ]);
    const { vendor, connect } = await bothSides();
    expect(vendor.length).toBe(8);
    expect(connect).toEqual(vendor);

    for (const { id } of pending) await processor.control.usage.accept(id, 'thank you');
    for (const { external_id: id } of pending) {
      await looksNow(id);
      expect(
        (
          await waitFor(
            id,
            () => runOf(id),
            ({ status }) => status === 'completed',
          )
        ).result,
      ).toMatchObject({
        outcome: 'accepted',
        rows: 4,
        differs: false,
      });
    }
    const before = await effects();
    expect((await report()).code).toBe(0);
    for (const { external_id: id } of pending) {
      await waitFor(
        id,
        () => runOf(id),
        ({ status }) => status === 'completed',
      );
    }
    expect(await effects()).toEqual(before);
    expect(before).toEqual(PLACES.map(() => expect.objectContaining({ create: 1, upload: 1, submit: 1 })));
  }, 60_000);

  test('of which the vendor withdraws all of one contract: its file, which is with the distributor, differs', async () => {
    await report();
    await waiting();
    for (const { asset } of subscriptions.slice(2)) {
      await processor.control.usage.setTenantUsage({ external_id: asset, records: [] });
    }
    const folder = await mkdtemp(path.join(tmpdir(), 'usage-'));
    expect((await report('--dry-run', '--out', folder)).stdout).toContain('CRD-10000-20000-30002  no record any more');
    await rm(folder, { recursive: true });

    const { code, stdout } = await report();
    expect([code, stdout]).toEqual([1, expect.stringContaining('reported')]);
    const withdrawn = await runOf(idOf('CRD-10000-20000-30002'));
    expect(withdrawn.findings).toEqual(['differs']);
    expect(withdrawn.progress?.report?.[0]).toBe('the vendor reports 0 records, Connect has 4');
    expect((await runOf(idOf('CRD-10000-20000-30001'))).findings).toEqual([]);
    expect((await files()).map(({ status }) => status)).toEqual(['pending', 'pending']);
  });

  test('that is moved from one subscription to another once it is submitted differs, though all sums are the same', async () => {
    const [one, other] = subscriptions.map(({ asset }) => asset) as [string, string];
    const count = async (asset: string, quantity: number) =>
      await processor.control.usage.setTenantUsage({ external_id: asset, records: [{ mpn: 'CALLS', quantity }] });
    await count(one, 5);
    await count(other, 7);
    await report();
    await waiting();
    await count(one, 7);
    await count(other, 5);
    expect((await report()).code).toBe(1);
    const { findings, progress } = await runOf(idOf('CRD-10000-20000-30001'));
    expect(findings).toEqual(['differs']);
    expect(progress?.report).toEqual([
      'the vendor reports 2 records, Connect has 2',
      'the sums are the same; the subscriptions, their amounts, times or categories are not',
    ]);
  }, 60_000);

  test('that is corrected once the distributor has the file: report and list say that it differs, accepted too', async () => {
    await report();
    await waiting();
    await processor.control.usage.setTenantUsage({
      external_id: subscriptions[0]!.asset,
      records: [{ mpn: 'CALLS', quantity: 99 }],
    });
    const differing = idOf('CRD-10000-20000-30001');
    const differs = new RegExp(
      `${differing}  running  running at "the distributor.*\n  the vendor reports 3 records, Connect has 4\n(.*\n)+  findings: differs`,
    );
    const { code, stdout } = await report();
    expect([code, stdout]).toEqual([1, expect.stringMatching(differs)]);
    expect(stdout.match(/findings: differs/g)).toHaveLength(1);

    const { id } = (await files()).find(({ external_id }) => external_id === differing)!;
    const finding = expect.arrayContaining([expect.objectContaining({ id, records: '4', finding: 'differs' })]);
    const found = (rows: { finding: string }[]) => rows.filter(({ finding: kind }) => kind === 'differs').length === 1;
    expect(await waitFor('the finding in the list', () => listed(), found)).toEqual(finding);

    await processor.control.usage.accept(id);
    const accepted = new RegExp(
      `${differing}  completed\n  findings: differs\n  accepted ${id}\n  the vendor reports 3`,
    );
    for (let n = 1; n <= 2; n++) {
      const again = await report(); // of a run that is open, and of one that ended and begins anew
      expect([again.code, again.stdout]).toEqual([1, expect.stringMatching(accepted)]);
    }
    const list = async () => (await processor.run(['usage', 'list'])).stdout;
    const line = new RegExp(`${id} .* accepted +4 +differs`);
    await waitFor('its line in the list', list, (lines) => line.test(lines)); // Temporal's list follows by some moments
  }, 60_000);

  test('whose workbook somebody replaces in the portal, and submits there, before its run has seen it ready, differs', async () => {
    await processor.control.fault({ api: 'connect', method: 'GET', path: '/usage/files/*', times: 1000, status: 503 });
    await startWith({});
    const replaced = idOf('CRD-10000-20000-30001');
    const { id } = (await statuses('ready')).find(({ external_id }) => external_id === replaced)!;
    await replacedByHand(id);
    await processor.control.clearFaults();
    const { progress } = await waitFor(
      'the finding, and its words', // of which it is read after them
      () => runOf(replaced),
      ({ findings, progress: told }) => findings.includes('differs') && told?.report !== undefined,
      40_000,
    );
    expect(progress?.report?.[0]).toBe('the vendor reports 4 records, Connect has 1');
    await statuses('pending');
    expect((await runOf(idOf('CRD-10000-20000-30002'))).findings).toEqual([]);
  }, 90_000);

  test('that the distributor rejects, and somebody replaces and submits in the portal before its run has looked, differs', async () => {
    await report();
    const replaced = idOf('CRD-10000-20000-30001');
    const { id } = (await waiting()).find(({ external_id }) => external_id === replaced)!;
    await processor.control.usage.reject(id, 'one row, please');
    await replacedByHand(id);
    await processor.control.usage.accept(id);
    await looksNow(replaced);
    const over = ({ status }: UsageRun) => status === 'completed';
    const { result } = await waitFor('the end', () => runOf(replaced), over);
    expect(result).toMatchObject({ outcome: 'accepted', rows: 4, differs: true, inConnect: { rows: 1 } });
  }, 60_000);

  test('that the distributor rejects, and somebody corrects in the portal: theirs stays until reprocess replaces it', async () => {
    await report();
    const corrected = idOf('CRD-10000-20000-30001');
    const { id } = (await waiting()).find(({ external_id }) => external_id === corrected)!;
    await processor.control.usage.reject(id, 'one row, please');
    await uploadedByHand(id);
    await looksNow(corrected);
    const isParked = ({ progress }: UsageRun) => progress?.phase === 'parked';
    const { progress } = await waitFor('the run to park', () => runOf(corrected), isParked);
    expect(progress).toMatchObject({
      failureType: 'UsageMismatch',
      reason: expect.stringContaining(`${id} has a workbook that was not uploaded by its run`),
      report: expect.arrayContaining(['the vendor reports 4 records, Connect has 1']),
    });
    expect(await processor.control.usage.rows(id)).toHaveLength(1);

    await looksNow(corrected);
    await waiting();
    expect(await processor.control.usage.rows(id)).toHaveLength(4);
  }, 60_000);

  test('whose submission Connect takes without handing it on: its run shows it, submits it again, and it goes out', async () => {
    const fault = { api: 'connect', method: 'POST', path: '/usage/files/*/submit', times: 1000, json: {} } as const;
    await processor.control.fault(fault);
    await startWith({ quietMs: 0 });
    const ready = await statuses('ready');
    for (const { id, external_id: run } of ready) {
      const isShown = ({ progress }: UsageRun) => progress?.phase === 'retrying';
      const { progress } = await waitFor(`${run} to show it`, () => runOf(run), isShown);
      expect(progress).toMatchObject({
        step: 'submit',
        failureType: 'UsageUnsubmitted',
        reason: expect.stringContaining(`Connect has taken the submission of ${id}`),
      });
    }
    await processor.control.clearFaults();
    for (const { external_id: run } of ready) await looksNow(run);
    await waiting();
    expect((await effects()).map(({ upload, submit }) => [upload, submit])).toEqual(PLACES.map(() => [1, 1]));
  }, 90_000);

  test('whose first upload Connect refuses, over the draft that was made for it: a day later it goes into that draft', async () => {
    const path = '/usage/files/*/upload';
    await processor.control.fault({ api: 'connect', method: 'POST', path, times: 2, status: 400, error_code: 'NO' });
    await startWith({ parkedMs: 1_000 });
    await waiting();
    const all = PLACES.map(() => expect.objectContaining({ create: 1, upload: 1, submit: 1 }));
    expect(await effects()).toEqual(all);
  }, 60_000);

  test('that is corrected before its file is submitted, and bad now: report follows the file until it is held back', async () => {
    const fault = { api: 'connect', method: 'GET', path: '/usage/records', times: 1000, status: 503 } as const;
    await processor.control.fault(fault);
    await startWith({});
    const held = idOf('CRD-10000-20000-30001');
    const isChecked = (run?: UsageRun) => run?.progress?.step === 'check totals';
    await waitFor('the check', () => usageRun(processor.stack.client, held), isChecked);
    await processor.control.usage.setTenantUsage({
      external_id: subscriptions[0]!.asset,
      records: [
        { mpn: 'CALLS', quantity: 6 },
        { mpn: 'NOTHING', quantity: 1 },
      ],
    });
    const args = ['usage', 'report', '--product', productId(), '--period', period, '--old'];
    const reporting = spawn(process.execPath, [MAIN, ...args], { env: processor.stack.env });
    const ended = once(reporting, 'close');
    let stdout = '';
    reporting.stdout.on('data', (text) => (stdout += text));
    await waitFor('it to follow the file', () => stdout.includes(`${held}  check totals`));
    await processor.control.clearFaults();
    const [code] = await ended;
    expect([code, stdout]).toEqual([1, expect.stringMatching(`${held}  running  parked at .*\n  UsageRefused`)]);
    const statusOf = Object.fromEntries((await files()).map(({ external_id, status }) => [external_id, status]));
    expect(statusOf).toEqual({ [held]: 'ready', [idOf('CRD-10000-20000-30002')]: 'pending' });
  }, 60_000);

  test('beside which somebody has made a file by hand: it is listed and shown, with what Connect has of it', async () => {
    const body = {
      name: 'by hand',
      period: { from: `${period}-01`, to: `${period}-28` },
      currency: 'EUR',
      product: { id: productId() },
      contract: { id: 'CRD-10000-20000-30001' },
    };
    const made = await processor.control.connect('POST', '/usage/files', { as: 'vendor', body });
    const { id } = made.body as { id: string };
    expect(await listed()).toMatchObject([{ id, status: 'draft', records: '0', finding: '', phase: '' }]);
    const { code, stdout, stderr } = await processor.run(['usage', 'show', id]);
    expect([code, stdout, stderr]).toEqual([0, `${id}  by hand  draft  0 records\n`, '']);
  }, 60_000);

  test('nothing to report: no file, and the run says so', async () => {
    for (const { asset } of subscriptions) {
      await processor.control.usage.setTenantUsage({ external_id: asset, records: [] });
    }
    const { code, stdout } = await report();
    expect([code, stdout]).toEqual([0, expect.stringContaining('nothing')]);
    expect(await files()).toEqual([]);
  }, 60_000);

  test('a dry run writes the workbooks and changes nothing', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'usage-'));
    const { code, stdout } = await report('--dry-run', '--out', folder);
    expect([code, stdout]).toEqual([0, expect.stringContaining('4 records')]);
    const written = await readdir(folder);
    expect(written).toHaveLength(2);
    const [sheet] = await readSheets(await readFile(path.join(folder, written[0]!)));
    expect(sheet!.sheet).toBe('records');
    expect(sheet!.data).toHaveLength(5);
    expect(await files()).toEqual([]);
    await rm(folder, { recursive: true });
  }, 60_000);

  test('a month that is not over is refused, but for a dry run', async () => {
    period = new Date().toISOString().slice(0, 7);
    const { code, stderr } = await report();
    expect([code, stderr]).toEqual([2, expect.stringContaining(`--period: ${period} is not over`)]);
    const folder = await mkdtemp(path.join(tmpdir(), 'usage-'));
    expect((await report('--dry-run', '--out', folder)).code).toBe(0);
    await rm(folder, { recursive: true });
  }, 60_000);
});

test('a month that ended more than two years ago is refused, but for a dry run, or where it is meant', async () => {
  period = '1999-01';
  const words = ['usage', 'report', '--product', productId(), '--period', period];
  const { code, stderr } = await processor.run(words);
  expect([code, stderr]).toEqual([2, expect.stringContaining('--period: 1999-01 ended more than two years ago')]);
  expect(await files()).toEqual([]);
  const folder = await mkdtemp(path.join(tmpdir(), 'usage-'));
  expect((await processor.run([...words, '--dry-run', '--out', folder])).code).toBe(0);
  await rm(folder, { recursive: true });
  expect((await processor.run([...words, '--old'])).code).toBe(0);
  expect(await files()).toHaveLength(2);
}, 60_000);

describe('bad records', () => {
  test('hold back the file of their contract, before anything is sent; corrected, it goes out', async () => {
    const [{ asset }] = subscriptions as [SeededSubscription];
    await processor.control.usage.setTenantUsage({
      external_id: asset,
      records: [
        { mpn: 'CALLS', quantity: 5 },
        { mpn: 'SEAT', quantity: 1 },
        { mpn: 'NOTHING', quantity: 1.5 },
      ],
    });
    const held = idOf('CRD-10000-20000-30001');
    const holdsBack = new RegExp(`${held}  running  parked at "upload usage"\\n  UsageRefused: .*2 in all`);
    for (let n = 1; n <= 2; n++) {
      const { code, stdout } = await report();
      expect([code, stdout]).toEqual([1, expect.stringMatching(holdsBack)]);
      expect(stdout).toMatch(/asset .*, item NOTHING/);
      expect(stdout).toContain(`\n  once that is mended: connect-processor usage reprocess ${held}\n`);
    }
    const [sent] = await waitFor('one file', files, (all) => all.length === 1 && all[0]!.status === 'pending');
    expect(sent!.external_id).not.toBe(held);
    const { report: lines, reason } = await parked(held, 'UsageRefused');
    expect(reason).toContain('held back by bad usage records, 2 in all');
    expect(lines).toEqual([
      expect.stringMatching(`asset ${asset}, item SEAT.*not pay-as-you-go`),
      expect.stringMatching(`asset ${asset}, item NOTHING.*no item with this MPN`),
    ]);
    const [product, ours, theirs] = [productId(), 'CRD-10000-20000-30001', 'CRD-10000-20000-30002'];
    const rows = await waitFor(
      'both in the list',
      () => listed(),
      (all) => JSON.stringify(all).includes('parked'),
    );
    expect(rows).toEqual([
      {
        id: held,
        period,
        product,
        contract: ours,
        status: '',
        records: '',
        finding: '',
        phase: 'parked',
        reason: expect.stringContaining('held back by bad usage records'),
      },
      {
        id: sent!.id,
        period,
        product,
        contract: theirs,
        status: 'pending',
        records: '4',
        finding: '',
        phase: 'running',
        reason: '',
      },
    ]);
    expect(await listed({ CONNECT_PRODUCTS: processor.stack.sandbox.products.plain })).toEqual([]);
    const shown = await processor.run(['usage', 'show', held]);
    expect([shown.code, shown.stdout]).toEqual([1, expect.stringContaining('item NOTHING')]);

    await processor.control.usage.setTenantUsage({ external_id: asset, records: null });
    expect((await processor.run(['usage', 'reprocess', held])).code).toBe(0);
    await statuses('pending');
    const { vendor, connect } = await bothSides();
    expect(connect).toEqual(vendor);
  }, 60_000);

  test('come after the first upload has failed: the draft that it left is followed where a person fills and submits it', async () => {
    const path = '/usage/files/*/upload';
    const fault = { api: 'connect', method: 'POST', path, times: 1000, status: 503, error_code: 'BUSY' } as const;
    await processor.control.fault(fault);
    await startWith({ parkedMs: 1_000 });
    const held = idOf('CRD-10000-20000-30001');
    const { id } = (await statuses('draft')).find(({ external_id }) => external_id === held)!;
    const bad = [{ mpn: 'NOTHING', quantity: 1 }];
    await processor.control.usage.setTenantUsage({ external_id: subscriptions[0]!.asset, records: bad });
    await processor.control.clearFaults();
    await waitFor(
      `${held} to fail`,
      () => looksNow(held),
      () => true,
    );
    await parked(held, 'UsageRefused');
    expect((await processor.control.usage.files()).find((file) => file.id === id)).toMatchObject({ status: 'draft' });

    await replacedByHand(id);
    const isFollowed = ({ progress }: UsageRun) => progress?.step === 'the distributor looks at it';
    const { findings } = await waitFor('the run to follow it', () => runOf(held), isFollowed);
    expect(findings).toEqual(['differs']);
    expect(await files()).toHaveLength(PLACES.length);
  }, 60_000);

  test('of no subscription park the report, while all others go out; corrected after their file went, the difference is a finding', async () => {
    await processor.control.usage.setTenantUsage({
      external_id: subscriptions[0]!.asset,
      records: [
        { mpn: 'CALLS', quantity: 5 },
        { mpn: 'CALLS', quantity: 7, external_id: 'AS-9999-9999-9999' },
      ],
    });
    const { code, stdout } = await report();
    expect([code, stdout]).toEqual([1, expect.stringContaining('asset AS-9999-9999-9999, item CALLS')]);
    await waiting();
    const reportId = `usage-${productId()}-${period}`;
    await parked(reportId, 'UsageRefused');
    const ofReport = { id: reportId, period, product: productId(), contract: '', status: '', phase: 'parked' };
    await waitFor(
      'the report in the list',
      () => listed(),
      (all) => all.some((row) => isDeepStrictEqual({ ...row, ...ofReport }, row)),
    );

    await processor.control.usage.setTenantUsage({
      external_id: subscriptions[0]!.asset,
      records: [
        { mpn: 'CALLS', quantity: 5 },
        { mpn: 'CALLS', quantity: 7, id: 'corrected' },
      ],
    });
    await processor.run(['usage', 'reprocess', reportId]);
    const over = ({ status }: UsageRun) => status === 'completed';
    const { result } = await waitFor('the report', () => runOf(reportId), over);
    expect(result).toMatchObject({ outcome: 'reported', files: [{ state: 'running' }, { state: 'running' }] });
    const sent = idOf('CRD-10000-20000-30001');
    await waitFor(
      'the difference',
      async () => (await runOf(sent)).findings,
      ([finding]) => finding === 'differs',
    );

    const { id } = (await files()).find(({ external_id }) => external_id === sent)!;
    await processor.control.usage.accept(id);
    await looksNow(sent);
    await waitFor('the end', () => runOf(sent), over);
    const shown = await processor.run(['usage', 'show', sent]);
    expect([shown.code, shown.stdout]).toEqual([1, expect.stringContaining('findings: differs')]);
    expect(shown.stdout).toMatch(/the vendor reports 4 records:\n +CALLS +\S+\n.*Connect has 3:\n +CALLS/s);
  }, 60_000);
});

describe('a file that is rejected', () => {
  test('parks with the note; reprocess sends a corrected workbook into the same file', async () => {
    await report();
    const [first, second] = await waiting();
    await processor.control.usage.reject(first!.id, 'twice the usual');
    await looksNow(first!.external_id);
    const { reason } = await parked(first!.external_id, 'UsageRejected');
    expect(reason).toContain('twice the usual');
    const shown = async () => (await processor.run(['usage', 'show', first!.id])).stdout;
    expect(await shown()).toContain('\n  the distributor says: twice the usual\n');

    const rows = await processor.control.usage.rows(first!.id);
    await processor.control.usage.setTenantUsage({
      external_id: rows[0]!.asset!,
      records: [{ mpn: 'CALLS', quantity: 1 }],
    });
    await processor.run(['usage', 'reprocess', first!.external_id]);
    await statuses('pending');
    const { vendor, connect } = await bothSides();
    expect(connect).toEqual(vendor);
    expect(await shown()).not.toContain('twice the usual');
    const [corrected, untouched] = await files();
    expect(corrected).toMatchObject({ id: first!.id, effects: { create: 1, upload: 2, submit: 2 } });
    expect(untouched).toMatchObject({ id: second!.id, effects: { create: 1, upload: 1, submit: 1 } });
    expect(await processor.control.usage.doubled()).toEqual([]);
  }, 60_000);
});

describe('the schedule of a product', () => {
  const scheduleId = () => `usage-${productId()}`;
  /** Has the schedule run for a nominal time, as after an outage. */
  const backfill = async (day: string) => {
    const schedule = processor.stack.client.schedule.getHandle(scheduleId());
    await schedule.backfill({ start: new Date(`${day}T00:00:00Z`), end: new Date(`${day}T23:00:00Z`) });
  };
  const resultOf = async (month: string) => {
    const id = `usage-${productId()}-${month}`;
    const ended = (run: UsageRun | undefined) => run?.status === 'completed';
    return (await waitFor(`the report of ${month}`, () => usageRun(processor.stack.client, id), ended))!.result;
  };

  test('reports the month before its nominal time, January for December too; finds what was skipped and a zero', async () => {
    const { code, stdout } = await processor.run(['schedules', 'apply'], {
      USAGE_DAY: '7',
      USAGE_TIMEZONE: 'Europe/Madrid',
    });
    expect([code, stdout]).toEqual([0, expect.stringContaining(`schedule ${scheduleId()} updated`)]);
    expect(stdout).toContain('monthly on day 7 at 05:17 Europe/Madrid');

    await backfill('2024-01-07');
    expect(await resultOf('2023-12')).toMatchObject({ outcome: 'reported', period: '2023-12', findings: [] });
    await statuses('pending');

    await backfill('2024-03-07');
    expect(await resultOf('2024-02')).toMatchObject({ period: '2024-02', findings: ['skipped'] });
    await processor.control.usage.untilFiles(
      (all) => all.length === 4 && all.every(({ status }) => status === 'pending'),
    );

    for (const { asset } of subscriptions) {
      await processor.control.usage.setTenantUsage({ external_id: asset, records: [] });
    }
    await backfill('2024-04-07');
    expect(await resultOf('2024-03')).toMatchObject({ outcome: 'nothing', files: [], findings: ['zero'] });
    const description = await processor.stack.client.workflow.getHandle(`usage-${productId()}-2024-03`).describe();
    expect(description.searchAttributes).toMatchObject({ ConnectFinding: ['zero'] });
    expect(await files()).toHaveLength(4);

    const shown = await processor.run(['schedules', 'show']);
    expect(shown.stdout).toContain(scheduleId());
    for (const command of ['pause', 'resume']) {
      const slip = await processor.run(['schedules', command, 'usage-PRD-nope']);
      const said = new RegExp(`^There is no schedule "usage-PRD-nope". There are: poll, .*${scheduleId()}[,.] `);
      expect([slip.code, slip.stdout, slip.stderr]).toEqual([1, '', expect.stringMatching(said)]);
    }
    const without = { CONNECT_PRODUCTS: processor.stack.sandbox.products.plain };
    expect((await processor.run(['schedules', 'apply'], without)).stdout).toContain(`schedule ${scheduleId()} deleted`);
  }, 90_000);
});

/** The calls of a report that change something. */
const CHANGES = ['/usage/files', '/usage/files/*/upload', '/usage/files/*/submit'];

describe('whatever breaks on the way', () => {
  test.each(CHANGES)(
    'the answer to POST %s is lost: one file a contract, each record once',
    async (route) => {
      const fault = await processor.control.fault({
        api: 'connect',
        method: 'POST',
        path: route,
        times: 2,
        reset: 'after',
      });
      await report();
      await statuses('pending');
      expect((await processor.control.getFault(fault.id)).hits).toBe(2);
      const { vendor, connect } = await bothSides();
      expect(connect).toEqual(vendor);
      expect((await effects()).map(({ create }) => create)).toEqual([1, 1]);
    },
    60_000,
  );

  test('the worker is killed at each of these: one file a contract, each record once', async () => {
    const answerNeverComes = (route: string) =>
      processor.control.fault({ api: 'connect', method: 'POST', path: route, times: 1, hang: true, applied: true });
    let fault = await answerNeverComes(CHANGES[0]!);
    const reporting = report();
    for (const [at, route] of CHANGES.entries()) {
      const isMade = async () => (await processor.control.getFault(fault.id)).hits === 1;
      await waitFor(`POST ${route}`, isMade, Boolean, 45_000);
      await worker.stop('SIGKILL');
      if (at + 1 < CHANGES.length) fault = await answerNeverComes(CHANGES[at + 1]!);
      worker = await processor.stack.startWorker();
    }
    const { code, stderr } = await reporting;
    expect([code, stderr]).toEqual([0, '']);
    await statuses('pending');
    const { vendor, connect } = await bothSides();
    expect(connect).toEqual(vendor);
    expect((await effects()).map(({ create }) => create)).toEqual([1, 1]);
  }, 200_000);
});
