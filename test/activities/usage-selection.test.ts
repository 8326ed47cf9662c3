import { describe, expect, test } from '@jest/globals';
import type { Selection } from '../../src/domain/selection';
import type { UsageHook } from '../../src/sdk/usage';
import type { Vendor } from '../../src/sdk';
import { EUROPE } from '../sandbox/usage';
import { PRODUCTION } from '../support/selection';
import { EASY } from './start';
import { counting, denied, useUsageFile } from './usage-file';

const { box, activities, run, log, files, act, of, file, ours, seenIn, reach } = useUsageFile();

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
