import { describe, expect, test } from '@jest/globals';
import type { UsageReporting } from '../../src/sdk/usage';
import { EUROPE, OVERSEAS, rowFor, workbook } from '../sandbox/usage';
import { EASY } from './start';
import { counting, period, records, useUsageFile } from './usage-file';

const { box, activities, run, failureOf, files, act, file, seenIn, reach } = useUsageFile();

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
