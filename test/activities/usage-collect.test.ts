import { describe, expect, test } from '@jest/globals';
import type { Selection } from '../../src/domain/selection';
import type { UsageHook } from '../../src/sdk/usage';
import { EUROPE } from '../sandbox/usage';
import { PRODUCTION } from '../support/selection';
import { EASY } from './start';
import { counting, denied, useUsageFile } from './usage-file';

const { box, activities, run, failureOf, files, act, of, ours, reach, statuses } = useUsageFile();

describe('nothing is reported any more of a contract', () => {
  const nothing = [{ contractId: EUROPE, rows: 0, totals: {}, bad: 0 }];

  test.each(statuses)('whose file is %s: its run is to hear of it', async (status) => {
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
