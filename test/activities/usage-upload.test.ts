import { describe, expect, test } from '@jest/globals';
import type { UsageHook, UsageReporting } from '../../src/sdk/usage';
import { rowFor, workbook } from '../sandbox/usage';
import { waitFor } from '../support/wait-for';
import { EASY } from './start';
import { counting, records, useUsageFile } from './usage-file';

const { box, activities, run, failureOf, files, act, of, file, ours, seenIn, reach } = useUsageFile();

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

test.each([
  ['draft', false],
  ['ready', true],
  ['pending', true],
])('a file that is %s has something uploaded: %s', async (status, has) => {
  const all = activities();
  expect(await run(all, 'hasUsageFile', [file()])).toBe(false);
  const { id } = await reach(status);
  expect(await run(all, 'hasUsageFile', [file()])).toBe(has);
  if (status !== 'pending') await act('vendor', id, 'delete');
  expect(await run(all, 'hasUsageFile', [file()])).toBe(status === 'pending');
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

async function nextSecond(): Promise<void> {
  const since = Math.floor(Date.now() / 1000);
  await waitFor('the next second', () => Math.floor(Date.now() / 1000) > since);
}

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

test('a new workbook whose upload got through, its answer lost, is not sent once more while Connect reads it', async () => {
  await box.control.set({ usageProcessingMs: 60_000 });
  const all = activities({ vendor: counting(await files.asset(), '5') });
  const { contracts } = await run(all, 'collectUsage', [of()]);
  const { contractId, totals } = contracts[0]!;
  const first = await run(all, 'uploadUsage', [{ ...of(), contractId }]);
  const repeated = await run(all, 'uploadUsage', [{ ...of(), contractId }]);
  expect([first, repeated]).toMatchObject([{ kind: 'sent', usage: { rows: 1, totals } }, { kind: 'found' }]);
  const [made, ...more] = await box.control.usage.files();
  expect([made?.effects['create'], made?.effects['upload'], more]).toEqual([1, 1, []]);
});
