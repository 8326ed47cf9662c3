import { describe, expect, test } from '@jest/globals';
import type { Selection } from '../../src/domain/selection';
import type { SeenWorkbook, UsageFileOf } from '../../src/domain/usage';
import type { UsageHook, UsageReporting } from '../../src/sdk/usage';
import type { Vendor } from '../../src/sdk';
import { EUROPE, OVERSEAS, PERIOD, rowFor, usageOf, workbook } from '../sandbox/usage';
import { PRODUCTION } from '../support/selection';
import { waitFor } from '../support/wait-for';
import { EASY, useActivities } from './start';

const { box, activities, run, failureOf, log } = useActivities();
const files = usageOf(box);
const period = '2026-10';
const act = (who: 'vendor' | 'distributor', id: string, action: string, body?: object) =>
  box[who]('POST', `/usage/files/${id}/${action}`, body);

/** A vendor who counts this of one subscription. */
const counting = (asset: string, ...quantities: string[]): Vendor => ({ ...EASY, usage: records(asset, quantities) });
const records = (asset: string, quantities: readonly string[]): UsageHook =>
  async function* () {
    for (const [index, quantity] of quantities.entries()) yield { asset, mpn: 'CALLS', quantity, id: `r-${index}` };
  };

const of = () => ({ productId: box.sandbox.products.usage, period });
const file = (): UsageFileOf => ({ ...of(), contractId: EUROPE });
const denied = (...ids: string[]): Selection => ({ ...PRODUCTION, contracts: { allowed: undefined, denied: ids } });
const ours = () => ({ external_id: `usage-${of().productId}-${EUROPE}-${period}`, period: PERIOD });

/** What a look sees of a file. */
async function seenIn(id: string): Promise<SeenWorkbook> {
  const { workbook } = await run(activities(), 'readUsageStage', [id]);
  return { fileId: id, workbook };
}

async function nextSecond(): Promise<void> {
  const since = Math.floor(Date.now() / 1000);
  await waitFor('the next second', () => Math.floor(Date.now() / 1000) > since);
}

/** Our usage file in Connect, brought to each status in which it rests. */
const WAYS: Record<string, (asset: string) => Promise<string>> = {
  draft: () => files.draft(ours()),
  async invalid() {
    const id = await files.draft(ours());
    await files.judged(id, 'no workbook');
    return id;
  },
  ready: () => files.ready(1, ours()),
  async uploaded(asset) {
    await box.control.set({ usageReadyAs: 'uploaded' });
    const id = await files.draft(ours());
    await files.judged(id, await workbook([rowFor(asset)]));
    return id;
  },
  async pending(asset) {
    const id = await WAYS['ready']!(asset);
    await act('vendor', id, 'submit');
    return id;
  },
  async rejected(asset) {
    const id = await WAYS['pending']!(asset);
    await act('distributor', id, 'reject', { rejection_note: '' });
    return id;
  },
  async accepted(asset) {
    const id = await WAYS['pending']!(asset);
    await act('distributor', id, 'accept');
    return id;
  },
  async closed(asset) {
    const id = await WAYS['accepted']!(asset);
    await act('distributor', id, 'close');
    return id;
  },
};

async function reach(status: string): Promise<{ id: string; asset: string }> {
  await box.control.set({ usageProcessingMs: 0 });
  const asset = await files.asset();
  const id = await WAYS[status]!(asset);
  expect(await files.status(id)).toBe(status);
  return { id, asset };
}

describe('a usage file takes what the vendor counts', () => {
  test('while it is a draft, and is found by its name', async () => {
    const { id, asset } = await reach('draft');
    const all = activities({ vendor: counting(asset, '5') });
    expect(await run(all, 'uploadUsage', [file()])).toMatchObject({ kind: 'sent', fileId: id });
    expect(await box.control.usage.untilSettled(id, { statuses: ['ready'] })).toBe('ready');
  });

  test.each(['draft', 'invalid', 'rejected', 'ready', 'uploaded'])(
    'while it is %s, in place of the workbook that was seen in it',
    async (status) => {
      const { id, asset } = await reach(status);
      const all = activities({ vendor: counting(asset, '5') });
      const seen = await seenIn(id);
      const sent = await run(all, 'uploadUsage', [file(), seen]);
      if (sent.kind !== 'sent') throw new Error(sent.kind);
      await box.control.usage.untilSettled(id, { statuses: ['ready', 'uploaded'] });
      expect(await seenIn(id)).toEqual({ fileId: id, workbook: sent.workbook });
      expect(await run(all, 'checkUsageTotals', [id, sent.usage])).toEqual({
        same: true,
        inConnect: { rows: 1, totals: { CALLS: { quantity: '5' } } },
      });
    },
  );

  test.each(['invalid', 'rejected', 'ready', 'uploaded', 'pending', 'accepted', 'closed'])(
    'but stays as it is while it is %s, where another workbook was seen, or none',
    async (status) => {
      const { id, asset } = await reach(status);
      const all = activities({ vendor: counting(asset, '5') });
      const { workbook } = await seenIn(id);
      for (const seen of [undefined, { fileId: id, workbook: `not ${workbook}` }]) {
        expect(await run(all, 'uploadUsage', [file(), seen])).toEqual({ kind: 'found', fileId: id });
      }
      expect([await files.status(id), await seenIn(id)]).toEqual([status, { fileId: id, workbook }]);
    },
  );

  test.each(['pending', 'accepted', 'closed'])('nor is it replaced while it is %s', async (status) => {
    const { id, asset } = await reach(status);
    const all = activities({ vendor: counting(asset, '5') });
    expect(await run(all, 'uploadUsage', [file(), await seenIn(id)])).toEqual({ kind: 'found', fileId: id });
    expect(await files.status(id)).toBe(status);
  });

  test('or was deleted, or cannot be seen', async () => {
    const asset = await files.asset();
    const deleted = await files.draft(ours());
    await act('vendor', deleted, 'delete');
    const all = activities({ vendor: counting(asset, '5') });
    for (const id of [deleted, 'UF-2026-10-0000-0000']) {
      const seen = { fileId: id, workbook: '' };
      expect(await run(all, 'uploadUsage', [file(), seen])).toEqual({ kind: 'found', fileId: id });
    }
  });

  test('what Connect has read of something else is not the same', async () => {
    const { id, asset } = await reach('ready');
    const all = activities({ vendor: counting(asset, '5') });
    const { contracts } = await run(all, 'collectUsage', [of()]);
    const { same, inConnect } = await run(all, 'checkUsageTotals', [id, contracts[0]!]);
    expect([same, inConnect?.rows]).toEqual([false, 1]);
    expect(inConnect?.totals).not.toEqual(contracts[0]!.totals);
  });

  test('a record that the distributor has refused does not count', async () => {
    const { id, asset } = await reach('pending');
    const all = activities({ vendor: counting(asset, '5') });
    const headers = { 'content-range': 'items 0-1/2' };
    const record = { status: 'approved', item: { mpn: 'CALLS' }, asset: { id: asset }, usage: '5' };
    const json = [
      { ...record, id: 'UR-1' },
      { ...record, id: 'UR-2', status: 'rejected' },
    ];
    await box.control.fault({ api: 'connect', method: 'GET', path: '/usage/records', json, headers });
    const { contracts } = await run(all, 'collectUsage', [of()]);
    expect(await run(all, 'checkUsageTotals', [id, contracts[0]!])).toMatchObject({
      same: true,
      inConnect: { rows: 1 },
    });
  });

  test('the same sums of other subscriptions are something else', async () => {
    await box.control.set({ usageProcessingMs: 0 });
    const [one, other] = [await files.asset(), await files.asset()];
    const vendorOf = (...quantities: string[]): Vendor => ({
      ...EASY,
      async *usage() {
        for (const [at, quantity] of quantities.entries()) yield { asset: [one, other][at]!, mpn: 'CALLS', quantity };
      },
    });
    const upload = activities({ vendor: vendorOf('5', '7') });
    const sent = await run(upload, 'uploadUsage', [file()]);
    if (sent.kind !== 'sent') throw new Error(sent.kind);
    const { fileId, usage } = sent;
    await box.control.usage.untilSettled(fileId, { statuses: ['ready'] });
    expect(await run(upload, 'checkUsageTotals', [fileId, usage])).toMatchObject({ same: true });

    const collected = await run(activities({ vendor: vendorOf('7', '5') }), 'collectUsage', [of()]);
    const { totals, digests } = collected.contracts[0]!;
    expect(totals).toEqual(usage.totals);
    expect(await run(upload, 'checkUsageTotals', [fileId, { ...usage, digests: digests! }])).toMatchObject({
      same: false,
    });
  });

  test.each([
    ['a multiplier', { multiplier: 100 }],
    ['no item', { item: null }],
    ['no quantity', { usage: null }],
    ['an item without a name of ours', { item: { id: 'PRD-1-0001', mpn: '' } }],
  ])('where Connect names %s, the number of records has to do, and the log says so', async (_, change) => {
    const { id, asset } = await reach('ready');
    const all = activities({ vendor: counting(asset, '5') });
    const record = { id: 'UR-1', status: 'valid', item: { mpn: 'CALLS' }, asset: { id: asset }, usage: 500, ...change };
    const headers = { 'content-range': 'items 0-0/1' };
    await box.control.fault({ api: 'connect', method: 'GET', path: '/usage/records', json: [record], headers });
    const counted = { contractId: EUROPE, rows: 1, totals: { CALLS: { quantity: '5' } }, bad: 0 };
    expect(await run(all, 'checkUsageTotals', [id, counted])).toEqual({ same: true });
    expect(await run(all, 'checkUsageTotals', [id, { ...counted, rows: 2 }])).toEqual({ same: false });
    const warning = 'Connect does not tell enough of the records to compare their sums';
    expect(log).toContainEqual(expect.objectContaining({ level: 'WARN', message: warning }));
  });

  test('of several drafts the first is kept; a second file beside it is for a person', async () => {
    await box.control.set({ usageProcessingMs: 0 });
    const asset = await files.asset();
    const [kept, superfluous] = [await files.draft(ours()), await files.draft(ours())];
    const all = activities({ vendor: counting(asset, '5') });
    expect(await run(all, 'uploadUsage', [file()])).toMatchObject({ fileId: kept });
    expect(await files.status(superfluous)).toBe('deleted');

    await box.control.usage.untilSettled(kept, { statuses: ['ready'] });
    const second = await files.ready(1, ours());
    const failure = await failureOf(all, 'uploadUsage', [file()]);
    expect([failure.type, failure.message]).toEqual(['UsageNotSetUp', expect.stringContaining(second)]);
  });
});

describe('a month that others have reported', () => {
  const byHand = { external_id: '', name: 'By hand' };

  test.each(['pending', 'accepted', 'closed'])('is not reported beside a file that is %s', async (status) => {
    const asset = await files.asset();
    const other = await files.ready(1, byHand);
    await act('vendor', other, 'submit');
    if (status !== 'pending') await act('distributor', other, 'accept');
    if (status === 'closed') await act('distributor', other, 'close');
    const vendor = counting(asset, '5');
    const { type, message } = await failureOf(activities({ vendor }), 'uploadUsage', [file()]);
    expect([type, message]).toEqual([
      'UsageDoubled',
      `The usage of ${EUROPE} in ${period} was reported already, not by this deployment: ${other} (${status}, "By hand").`,
    ]);
    expect(await box.control.usage.files()).toHaveLength(1);

    const usage: UsageReporting = { records: records(asset, ['5']), besideOtherFiles: true };
    const all = activities({ vendor: { ...EASY, usage } });
    expect(await run(all, 'uploadUsage', [file()])).toMatchObject({ kind: 'sent', usage: { rows: 1 } });
  });

  test('meanwhile, since the workbook was uploaded, is not reported beside theirs either', async () => {
    const { id, asset } = await reach('ready');
    const other = await files.ready(1, byHand);
    await act('vendor', other, 'submit');
    const all = activities({ vendor: counting(asset, '5') });
    const seen = await seenIn(id);
    const failure = await failureOf(all, 'submitUsageFile', [file(), seen]);
    expect([failure.type, failure.message]).toEqual(['UsageDoubled', expect.stringContaining(other)]);
    expect(await files.status(id)).toBe('ready');

    const usage: UsageReporting = { records: records(asset, ['5']), besideOtherFiles: true };
    await run(activities({ vendor: { ...EASY, usage } }), 'submitUsageFile', [file(), seen]);
    expect(await files.status(id)).toBe('pending');
    await run(all, 'submitUsageFile', [file(), seen]); // it went out, and only the answer was lost
  });

  test('is reported where their file is not with the distributor, or of another month or contract', async () => {
    const asset = await files.asset();
    await files.ready(1, byHand);
    const rejected = await files.ready(1, byHand);
    await act('vendor', rejected, 'submit');
    await act('distributor', rejected, 'reject', { rejection_note: 'no' });
    const overseas = await files.asset({ marketplace: 'MP-10002' });
    const september = { start_time_utc: '2026-09-01 00:00:00', end_time_utc: '2026-09-30 23:59:59' };
    for (const [members, row] of [
      [{ period: { from: '2026-09-01', to: '2026-09-30' } }, rowFor(asset, september)],
      [{ contract: { id: OVERSEAS } }, rowFor(overseas)],
    ] as const) {
      const elsewhere = await files.draft({ ...byHand, ...members });
      await files.judged(elsewhere, await workbook([row]));
      await act('vendor', elsewhere, 'submit');
      expect(await files.status(elsewhere)).toBe('pending');
    }
    const all = activities({ vendor: counting(asset, '5') });
    expect(await run(all, 'uploadUsage', [file()])).toMatchObject({ kind: 'sent', usage: { rows: 1 } });
  });

  test.each(['draft', 'invalid', 'rejected'])(
    'is not reported beside it either in a file of ours that is %s',
    async (status) => {
      const { id, asset } = await reach(status);
      await act('vendor', await files.ready(1, byHand), 'submit');
      const vendor = counting(asset, '5');
      expect(await failureOf(activities({ vendor }), 'uploadUsage', [file(), await seenIn(id)])).toMatchObject({
        type: 'UsageDoubled',
      });
      expect(await files.status(id)).toBe(status);
    },
  );
});

test('a second file of our name that is submitted while a workbook is built is no reason to make another', async () => {
  await box.control.set({ usageProcessingMs: 0 });
  const asset = await files.asset();
  const usage: UsageHook = async function* () {
    await act('vendor', await files.ready(1, ours()), 'submit');
    yield { asset, mpn: 'CALLS', quantity: '5' };
  };
  const all = activities({ vendor: { ...EASY, usage } });
  expect(await run(all, 'uploadUsage', [file()])).toMatchObject({ kind: 'found' });
  expect(await box.control.usage.files()).toHaveLength(1);
});

test('a file of our name that comes while the first workbook is built is looked at first', async () => {
  await box.control.set({ usageProcessingMs: 0 });
  const asset = await files.asset();
  let id = '';
  const usage: UsageHook = async function* () {
    id = await files.ready(1, ours());
    yield { asset, mpn: 'CALLS', quantity: '5' };
  };
  const all = activities({ vendor: { ...EASY, usage } });
  expect(await run(all, 'uploadUsage', [file()])).toEqual({ kind: 'found', fileId: id });
  expect(await box.control.usage.files()).toHaveLength(1);
});

test.each([
  ['submitted', ['5']],
  ['replaced', ['5']],
  ['replaced', []],
])('so is a file that is %s while %j is counted for it', async (what, quantities) => {
  const { id, asset } = await reach('ready');
  const usage: UsageHook = async function* () {
    if (what === 'submitted') await act('vendor', id, 'submit');
    else await nextSecond(); // as Connect names workbooks by
    if (what === 'replaced') await files.upload(id, await workbook([rowFor(asset)]));
    for (const quantity of quantities) yield { asset, mpn: 'CALLS', quantity };
  };
  const all = activities({ vendor: { ...EASY, usage } });
  expect(await run(all, 'uploadUsage', [file(), await seenIn(id)])).toEqual({ kind: 'found', fileId: id });
});

describe('nothing is left to report', () => {
  const nothing = { kind: 'nothing', bad: 0, notSelected: 0 };

  test.each(['draft', 'invalid', 'ready', 'uploaded'])(
    'a file that is %s, as it was seen, is deleted',
    async (status) => {
      const { id, asset } = await reach(status);
      const all = activities({ vendor: counting(asset) });
      expect(await run(all, 'uploadUsage', [file(), await seenIn(id)])).toEqual(nothing);
      expect(await files.status(id)).toBe('deleted');
    },
  );

  test('one that was rejected cannot be taken back: a person is told', async () => {
    const { id, asset } = await reach('rejected');
    const all = activities({ vendor: counting(asset) });
    const failure = await failureOf(all, 'uploadUsage', [file(), await seenIn(id)]);
    expect([failure.type, failure.message]).toEqual([
      'UsageRefused',
      expect.stringContaining(`${id}, which is rejected`),
    ]);
  });

  test('without a file there is none', async () => {
    const asset = await files.asset();
    const all = activities({ vendor: counting(asset) });
    expect(await run(all, 'uploadUsage', [file()])).toEqual(nothing);
    expect(await box.control.usage.files()).toEqual([]);
  });
});

describe('nothing is reported any more of a contract', () => {
  const nothing = [{ contractId: EUROPE, rows: 0, totals: {}, bad: 0 }];

  test.each(Object.keys(WAYS))('whose file is %s: its run is to hear of it', async (status) => {
    const { asset } = await reach(status);
    const withdrawn = await run(activities({ vendor: counting(asset) }), 'collectUsage', [of()]);
    expect(withdrawn).toMatchObject({ contracts: [], withdrawn: nothing });
    const reported = await run(activities({ vendor: counting(asset, '5') }), 'collectUsage', [of()]);
    expect(reported).toMatchObject({ contracts: [{ contractId: EUROPE, rows: 1 }], withdrawn: [] });
  });

  test('but not where its file was deleted, is of another month or by another hand, or of a place that is not selected', async () => {
    const asset = await files.asset();
    await act('vendor', await files.draft(ours()), 'delete');
    await files.draft({ external_id: `usage-${of().productId}-${EUROPE}-2026-09` });
    await files.draft({ external_id: 'by-hand' });
    const vendor = counting(asset);
    expect(await run(activities({ vendor }), 'collectUsage', [of()])).toMatchObject({ withdrawn: [] });

    await files.draft(ours());
    expect(await run(activities({ vendor }), 'collectUsage', [of()])).toMatchObject({ withdrawn: nothing });
    const elsewhere = { ...PRODUCTION, marketplaces: { allowed: ['MP-10002'], denied: [] } };
    const testing: Selection = { ...PRODUCTION, connectionTypes: ['test'] }; // whose vendor knows nothing of production
    for (const selection of [denied(EUROPE), { ...PRODUCTION, process: false }, elsewhere, testing]) {
      const all = activities({ vendor, selectionOf: () => selection });
      expect(await run(all, 'collectUsage', [of()])).toMatchObject({ withdrawn: [] });
    }
  });

  test('nor as long as records are of no subscription: they might be its own', async () => {
    await reach('pending');
    const all = activities({ vendor: counting('AS-0000-0000-0000', '5') });
    expect(await run(all, 'collectUsage', [of()])).toMatchObject({ lost: 1, withdrawn: [] });
  });
});

describe('what is not selected', () => {
  const selecting = (selection: Selection, vendor: Vendor) => activities({ vendor, selectionOf: () => selection });

  test('is neither counted nor uploaded with the rest; the log says what, where and why', async () => {
    const [ours, testing] = [await files.asset(), await files.asset({ connection: 'test' })];
    const usage: UsageHook = async function* () {
      for (const asset of [testing, ours]) yield { asset, mpn: 'CALLS', quantity: '5' };
    };
    const all = selecting(PRODUCTION, { ...EASY, usage });
    const collected = await run(all, 'collectUsage', [of()]);
    const text = 'the connection type test is not processed';
    expect(collected).toMatchObject({
      contracts: [{ contractId: EUROPE, rows: 1, totals: { CALLS: { quantity: '5' } }, notSelected: 1 }],
      notSelected: [{ contractId: EUROPE, reason: 'connection', text, records: 1, assets: [testing] }],
      kept: [],
    });
    const line = `1 records of ${EUROPE} are not selected: ${text} (${testing})`;
    expect(log).toContainEqual(expect.objectContaining({ level: 'WARN', message: line, reason: 'connection' }));

    const sent = await run(all, 'uploadUsage', [file()]);
    if (sent.kind !== 'sent') throw new Error(sent.kind);
    const { fileId, usage: uploaded } = sent;
    await box.control.usage.untilSettled(fileId, { statuses: ['ready'] });
    expect([uploaded.rows, uploaded.notSelected]).toEqual([1, 1]);
    expect(await run(all, 'checkUsageTotals', [fileId, uploaded])).toMatchObject({
      same: true,
      inConnect: { rows: 1 },
    });
  });

  test('of a preview is never: it is sold nowhere, and so has no currency', async () => {
    const [ours, preview] = [await files.asset(), await files.asset({ connection: 'preview' })];
    const usage: UsageHook = async function* () {
      for (const asset of [preview, ours]) yield { asset, mpn: 'CALLS', quantity: '5' };
    };
    const everywhere: Selection = { ...PRODUCTION, connectionTypes: ['production', 'test', 'preview'] };
    for (const all of [selecting(everywhere, { ...EASY, usage }), activities({ vendor: { ...EASY, usage } })]) {
      expect(await run(all, 'collectUsage', [of()])).toMatchObject({
        contracts: [{ contractId: EUROPE, rows: 1 }],
        notSelected: [
          { reason: 'connection', text: 'a preview has no marketplace, and so no usage file', assets: [preview] },
        ],
      });
    }
  });

  test.each(['draft', 'invalid', 'ready', 'rejected'])(
    'takes nothing back: a file that is %s stays as it is when its contract is denied, and that is said',
    async (status) => {
      const { id, asset } = await reach(status);
      const all = selecting(denied(EUROPE), counting(asset, '5'));
      expect(await run(all, 'uploadUsage', [file(), await seenIn(id)])).toEqual({
        kind: 'nothing',
        bad: 0,
        notSelected: 1,
        kept: id,
      });
      expect(log.map(({ message }) => message)).toContainEqual(
        expect.stringContaining(`${id} is ${status} in Connect`),
      );
      expect(await files.status(id)).toBe(status);

      expect(await run(all, 'collectUsage', [of()])).toMatchObject({
        contracts: [],
        kept: [{ contractId: EUROPE, fileId: id, status }],
      });
    },
  );

  test('has no file where there was none, nor where there is one that was deleted', async () => {
    const asset = await files.asset();
    await act('vendor', await files.draft(ours()), 'delete');
    const all = selecting(denied(EUROPE), counting(asset, '5'));
    expect(await run(all, 'collectUsage', [of()])).toMatchObject({ contracts: [], kept: [] });
    expect(await run(all, 'uploadUsage', [file()])).toEqual({
      kind: 'nothing',
      bad: 0,
      notSelected: 1,
    });
    expect((await box.control.usage.files()).map(({ status }) => status)).toEqual(['deleted']);
  });
});

test('a bad record holds back the file, or itself alone where the vendor says so', async () => {
  const asset = await files.asset();
  const vendor = counting(asset, '5', '1.5');
  const failure = await failureOf(activities({ vendor }), 'uploadUsage', [file()]);
  expect([failure.type, failure.details]).toEqual([
    'UsageRefused',
    [expect.objectContaining({ report: [expect.stringContaining('CALLS')] })],
  ]);

  const reporting: UsageReporting = { records: records(asset, ['5', '1.5']), badRecordHoldsBack: 'record' };
  const all = activities({ vendor: { ...EASY, usage: reporting } });
  expect(await run(all, 'uploadUsage', [file()])).toMatchObject({ kind: 'sent', usage: { rows: 1, bad: 1 } });
});

test('more sums than a report holds are refused, with a way out', async () => {
  const usage: UsageHook = async function* () {
    const asset = await files.asset();
    for (let n = 0; n < 40_000; n++) {
      const newItem = { name: `Item ${n}`, unit: 'Calls', precision: 'Integer' as const };
      yield { asset, mpn: `ITEM-${n}-${'x'.repeat(20)}`, quantity: '1', newItem };
    }
  };
  await box.control.usage.setPayAsYouGo(of().productId, { dynamic: true });
  const failure = await failureOf(activities({ vendor: { ...EASY, usage } }), 'collectUsage', [of()]);
  expect([failure.type, failure.message]).toEqual([
    'UsageNotSetUp',
    expect.stringMatching(
      /has 40000 sums, of 1 contracts .* several deployments, each of which selects some of the contracts/,
    ),
  ]);
});

test('without the hook nothing is reported, and it is said whose vendor lacks it', async () => {
  const failure = await failureOf(activities(), 'collectUsage', [of()]);
  const lacking = `The vendor of ${of().productId} has no hook "usage". See docs/report-usage.md.`;
  expect([failure.type, failure.message]).toEqual(['VendorNotWritten', lacking]);
});

test('of a month that is not over nothing is counted: the rest of it would be reported by nobody', async () => {
  const running = new Date().toISOString().slice(0, 7);
  const all = activities({ vendor: counting(await files.asset(), '5') });
  const failure = await failureOf(all, 'collectUsage', [{ ...of(), period: running }]);
  expect([failure.type, failure.message]).toEqual([
    'UsageTooEarly',
    expect.stringContaining(`${running} is not over: its last second is ${running}-`),
  ]);
});

describe('where a usage file stands', () => {
  const look = (id: string) => run(activities(), 'readUsageStage', [id]);

  test.each([
    ['draft', 'draft'],
    ['ready', 'ready'],
    ['uploaded', 'ready'],
    ['pending', 'pending'],
    ['accepted', 'accepted'],
    ['closed', 'closed'],
  ])('%s is %s', async (status, stage) => {
    const { id } = await reach(status);
    expect(await look(id)).toMatchObject({ stage });
  });

  test('which workbook it has, and since when the distributor has it, is said as Connect says it', async () => {
    const { id } = await reach('pending');
    const { uploaded, submitted } = (await files.file(id)).body.events;
    const seen = { workbook: `${uploaded.at} by ${uploaded.by.id}`, submitted: submitted.at };
    expect(await look(id)).toEqual({ stage: 'pending', ...seen });
    const { id: draft } = await reach('draft');
    expect(await look(draft)).toEqual({ stage: 'draft', workbook: '' });

    const json = { ...(await files.file(id)).body, events: null };
    await box.control.fault({ api: 'connect', method: 'GET', path: `/usage/files/${id}`, json, times: 1 });
    expect(await look(id)).toEqual({ stage: 'pending', workbook: '' });
  });

  test('uploading and processing are the same to us', async () => {
    await box.control.set({ usageProcessingMs: 60_000 });
    const uploading = await files.draft(ours());
    await files.upload(uploading, 'later');
    await box.control.set({ usageProcessingMs: 0 });
    const processing = await files.ready();
    await box.control.set({ usageProcessingMs: 60_000 });
    await act('vendor', processing, 'reprocess');
    for (const id of [uploading, processing]) expect(await look(id)).toMatchObject({ stage: 'processing' });
  });

  test.each([
    [23, undefined],
    [25, expect.stringMatching(/^Connect has not read UF-\S+ since \S+: it is "processing" still\.$/)],
  ])('processing since %i hours: what is overdue says so', async (hours, problem) => {
    const { id } = await reach('ready');
    const at = new Date(Date.now() - hours * 3_600_000).toISOString();
    const json = { ...(await files.file(id)).body, status: 'processing', events: { uploaded: { at } } };
    await box.control.fault({ api: 'connect', method: 'GET', path: `/usage/files/${id}`, json, times: 1 });
    const seen = await look(id);
    expect([seen.stage, seen.problem]).toEqual(['processing', problem]);
  });

  test('deleted by somebody is deleted', async () => {
    const id = await files.draft();
    await act('vendor', id, 'delete');
    expect(await look(id)).toMatchObject({ stage: 'deleted' });
  });

  test.each([
    ['rejected', 'no note says why'],
    ['invalid', 'is "invalid": '],
  ])('%s is for a person, who is told why', async (status, text) => {
    const { id } = await reach(status);
    expect(await look(id)).toMatchObject({ stage: status, problem: expect.stringContaining(text) });
  });

  test('ready with records that are invalid is for a person', async () => {
    const { id } = await reach('ready');
    const json = { ...(await files.file(id)).body, records: { valid: 1, invalid: 2 } };
    const path = `/usage/files/${id}`;
    const about = 'The Connect portal offers the file with the error of each record.';
    await box.control.fault({ api: 'connect', method: 'GET', path, json, times: 1 });
    const problem = `${id} is "ready": 2 records are invalid. ${about}`;
    expect(await look(id)).toMatchObject({ stage: 'invalid', problem });

    const detailed = { ...json, error_detail: 'Row 2 is invalid.' };
    await box.control.fault({ api: 'connect', method: 'GET', path, json: detailed, times: 1 });
    expect(await look(id)).toMatchObject({ problem: `${id} is "ready": Row 2 is invalid. ${about}` });
  });

  test('a status that we do not know is for a person, and Connect says whether such a file takes a workbook', async () => {
    const { id, asset } = await reach('pending');
    const json = { ...(await files.file(id)).body, status: 'archived' };
    await box.control.fault({ api: 'connect', method: 'GET', path: `/usage/files/${id}`, json, times: 4 });
    expect(await look(id)).toMatchObject({ stage: 'invalid', problem: expect.stringContaining('is "archived"') });
    const all = activities({ vendor: counting(asset, '5') });
    const { type } = await failureOf(all, 'uploadUsage', [file(), await seenIn(id)]);
    expect(type).toBe('ConnectRejected');
  });

  test('one that Connect does not have any more is gone', async () => {
    expect(await look('UF-2026-10-0000-0000')).toMatchObject({ stage: 'gone' });
  });
});

describe('submitting', () => {
  const submits = async () => (await box.control.usage.files())[0]?.effects['submit'] ?? 0;

  test.each(['ready', 'uploaded'])(
    'a file that is %s hands it to the distributor, and a repeat is fine',
    async (status) => {
      const { id, asset } = await reach(status);
      const all = activities({ vendor: counting(asset, '5') });
      const seen = await seenIn(id);
      await run(all, 'submitUsageFile', [file(), seen]);
      await run(all, 'submitUsageFile', [file(), seen]);
      await run(all, 'submitUsageFile', [file(), seen], { attempt: 2 });
      expect([await files.status(id), await submits()]).toEqual(['pending', 1]);
    },
  );

  test('a file that has another workbook than was seen, or that is gone, is left to the next look', async () => {
    const { id, asset } = await reach('ready');
    const all = activities({ vendor: counting(asset, '5') });
    for (const fileId of [id, 'UF-2026-10-0000-0000']) {
      await run(all, 'submitUsageFile', [file(), { fileId, workbook: 'another' }]);
    }
    expect([await files.status(id), await submits()]).toEqual(['ready', 0]);
  });

  test('one that is invalid is refused, in Connect’s own words', async () => {
    const { id, asset } = await reach('invalid');
    const all = activities({ vendor: counting(asset, '5') });
    const failure = await failureOf(all, 'submitUsageFile', [file(), await seenIn(id)]);
    expect([failure.type, failure.message]).toEqual(['ConnectRejected', expect.stringContaining('USG_001')]);
  });
});

test('of the two months before, those with a usage file are named; one that was deleted does not count', async () => {
  const asset = await files.asset();
  const external = (month: string) => ({ external_id: `usage-${of().productId}-${EUROPE}-${month}` });
  await files.draft(external('2026-09'));
  await act('vendor', await files.draft(external('2026-08')), 'delete');
  await files.draft(external('2026-07'));
  const collected = await run(activities({ vendor: counting(asset, '5') }), 'collectUsage', [of()]);
  expect(collected).toMatchObject({
    reportedBefore: ['2026-09'],
    lost: 0,
    contracts: [{ contractId: EUROPE, rows: 1 }],
  });
  const elsewhere = { ...PRODUCTION, marketplaces: { allowed: ['MP-10002'], denied: [] } };
  expect(collected).toMatchObject({ leftOutBefore: [] });
  const other = activities({ vendor: counting(asset, '5'), selectionOf: () => elsewhere });
  const ofOthers = { reportedBefore: [], leftOutBefore: ['2026-09'] }; // perhaps another deployment's
  expect(await run(other, 'collectUsage', [of()])).toMatchObject(ofOthers);
  const elsewhereAlone = activities({ vendor: counting(asset), selectionOf: () => elsewhere });
  expect(await run(elsewhereAlone, 'collectUsage', [of()])).toMatchObject({ reportedBefore: [], leftOutBefore: [] });
});

test('a file of which Connect does not say the connection type counts for the month before, where its place is selected', async () => {
  const asset = await files.asset();
  const id = await files.draft({ external_id: `usage-${of().productId}-${EUROPE}-2026-09` });
  const json = [{ ...(await files.file(id)).body, environment: '' }];
  const headers = { 'content-range': 'items 0-0/1' };
  await box.control.fault({ api: 'connect', method: 'GET', path: '/usage/files', json, headers });
  const before = async (selection: Selection) => {
    const all = activities({ vendor: counting(asset), selectionOf: () => selection });
    return (await run(all, 'collectUsage', [of()])).reportedBefore;
  };
  expect(await before(PRODUCTION)).toEqual(['2026-09']);
  expect(await before(denied(EUROPE))).toEqual([]);
  expect(await before({ ...PRODUCTION, marketplaces: { allowed: ['MP-10002'], denied: [] } })).toEqual([]);
});
