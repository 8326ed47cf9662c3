import { expect, test } from '@jest/globals';
import type { UsageFileLook, UsageFileStage } from '../../src/domain/usage';
import type { Stub } from '../support/stubbed-worker';
import type { Look } from '../support/usage-stubs';
import {
  contractId,
  counting,
  digests,
  found,
  isDown,
  read,
  refuses,
  sent,
  theirs,
  uploaded,
  usage,
  useUsageFiles,
  WAITING,
} from '../support/use-usage-files';

const { product } = useUsageFiles();
const concurrently = test.concurrent;

concurrently(
  'what is corrected while the file is with the distributor is a finding at once, and in the result of what was accepted',
  async () => {
    let stage: UsageFileStage = 'ready';
    const inConnect = { rows: 1, totals: { CALLS: { quantity: '1' } } };
    let same = true;
    const { file, report, uploads, untilFinding } = product({
      uploadUsage: () => sent(1),
      readUsageStage: () => stage,
      submitUsageFile: () => void (stage = 'pending'),
      checkUsageTotals: () => ({ same, inConnect }),
    });
    await report(1);
    await file.untilStep(WAITING);
    expect(await file.searchAttributes()).not.toHaveProperty('ConnectFinding');

    same = false;
    expect(await report(2)).toMatchObject({ files: [{ state: 'running', rows: 2 }] });
    await untilFinding('differs');

    const difference = ['the vendor reports 2 records, Connect has 1', 'CALLS: the vendor reports 2, Connect has 1'];
    expect((await file.progress()).report).toEqual(difference);
    expect(await file.currentDetails()).toContain(`- ${difference[1]}`);

    same = true;
    await report(1);
    await untilFinding(undefined);

    same = false;
    stage = 'accepted';
    await report(2);
    expect(await file.result()).toEqual({
      outcome: 'accepted',
      fileId: 'UF-1',
      rows: 2,
      totals: { CALLS: { quantity: '2' } },
      bad: 0,
      differs: true,
      inConnect,
    });
    expect(await file.searchAttributes()).toMatchObject({ ConnectFinding: 'differs' });
    expect(await file.currentDetails()).toContain('\n\nEnded: **accepted**.');
    expect(uploads()).toHaveLength(1);
  },
);

concurrently(
  'what is withdrawn while the file is with the distributor is a finding of its run, and the month counts as empty',
  async () => {
    let stage: UsageFileStage = 'ready';
    const { file, report, untilFinding } = product({
      uploadUsage: () => sent(1),
      readUsageStage: () => stage,
      submitUsageFile: () => void (stage = 'pending'),
      checkUsageTotals: (call) => read(call <= 2),
    });
    await report(1);
    await file.untilStep(WAITING);
    expect(await report(0)).toMatchObject({ files: [{ contractId, state: 'running', rows: 0 }], findings: ['zero'] });
    await untilFinding('differs');
    expect((await file.progress()).report).toEqual([
      'the vendor reports 0 records, Connect has 1',
      'CALLS: the vendor reports none, Connect has 1',
    ]);
    await file.terminate();
  },
);

concurrently('how a file differs stays in sight after a fault that is over', async () => {
  let fails = false;
  const { file, report, untilTrouble } = product({
    uploadUsage: () => found,
    readUsageStage: () => (fails ? isDown() : 'pending'),
    checkUsageTotals: () => read(false),
  });
  await report(2);
  await file.untilStep(WAITING);
  fails = true;
  await file.reprocess();
  await untilTrouble('ConnectUnavailable');
  fails = false;
  await file.reprocess();
  await file.untilStep(WAITING);
  expect((await file.progress()).report).toContain('CALLS: the vendor reports 2, Connect has 1');
  expect(await file.currentDetails()).toContain('CALLS: the vendor reports 2, Connect has 1');
  await file.terminate();
});

concurrently('what is corrected after the file was accepted is a finding of the run that finds it so', async () => {
  const inConnect = { rows: 1, totals: { CALLS: { quantity: '1' } } };
  const { file, report } = product({
    uploadUsage: () => found,
    checkUsageTotals: () => ({ same: false, inConnect }),
  });
  await report(2);
  expect(await file.result()).toMatchObject({ outcome: 'accepted', rows: 2, differs: true, inConnect });
  expect(await file.searchAttributes()).toMatchObject({ ConnectFinding: 'differs' });
});

concurrently.each([
  [{ bad: 1, heldBack: true }, "1 more records of the vendor's are bad"],
  [
    { digests: digests('others') },
    'the sums are the same; the subscriptions, their amounts, times or categories are not',
  ],
])(
  'a file that is with the distributor differs where %j is counted, though its sums are the same',
  async (change, line) => {
    let stage: UsageFileStage = 'ready';
    const { file, reportOf, untilFinding } = product({
      uploadUsage: () => uploaded(1, 'good'),
      readUsageStage: () => stage,
      submitUsageFile: () => void (stage = 'pending'),
      checkUsageTotals: () => read(true),
    });
    await reportOf(counting(1, 'good'));
    await file.untilStep(WAITING);
    await reportOf({ ...counting(1, 'good'), ...change });
    await untilFinding('differs');
    expect((await file.progress()).report).toEqual(['the vendor reports 1 records, Connect has 1', line]);
    await reportOf(counting(1, 'good'));
    await untilFinding(undefined);

    stage = 'accepted';
    await reportOf({ ...counting(1, 'good'), ...change });
    expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: true });
  },
);

concurrently(
  'that others were counted is known of a file that is found accepted before they could be uploaded',
  async () => {
    let stage: UsageFileStage = 'ready';
    const { file, reportOf } = product({
      uploadUsage: (call) => {
        if (call === 1) return uploaded(1, 'good');
        stage = 'accepted';
        return found;
      },
      readUsageStage: () => stage,
      checkUsageTotals: () => read(true),
    });
    await reportOf(counting(1, 'good'));
    await file.untilStep('Connect hands it to the distributor');
    await reportOf(counting(1, 'others'));
    expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: true });
  },
);

concurrently.each<UsageFileStage>(['pending', 'accepted'])(
  'what somebody has put in its place, and submitted, differs: it is %s when it is looked at first',
  async (first) => {
    let stage = first;
    const inConnect = { rows: 2, totals: usage(2).totals };
    const { file, reportOf, untilFinding } = product({
      uploadUsage: () => uploaded(1, 'good'),
      readUsageStage: () => stage,
      checkUsageTotals: () => ({ same: false, inConnect }),
    });
    await reportOf(counting(1, 'good'));
    await untilFinding('differs');
    if (first === 'pending') {
      await file.untilStep(WAITING);
      expect((await file.progress()).report).toContain('the vendor reports 1 records, Connect has 2');
      stage = 'accepted';
      await file.reprocess();
    }
    expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: true, inConnect });
  },
);

concurrently('what somebody puts in its place while the submission fails differs once it is submitted', async () => {
  let look: Look = 'ready';
  const { file, reportOf, untilFinding } = product({
    uploadUsage: () => uploaded(1, 'good'),
    readUsageStage: () => look,
    submitUsageFile: (call) => (call === 1 ? isDown() : undefined), // ours is there no more
    checkUsageTotals: (call) => read(call === 1, 2),
  });
  await reportOf(counting(1, 'good'));
  await file.until('retrying');
  look = theirs('pending');
  await file.reprocess();
  await untilFinding('differs');
  await file.terminate();
});

concurrently.each<UsageFileStage>(['pending', 'accepted'])(
  'what somebody has submitted in its place differs, after a rejection that no look has seen: it is %s when it is looked at next',
  async (next) => {
    let look: UsageFileLook = { stage: 'pending', workbook: 'W-1', submitted: '2026-11-05T05:20:00+00:00' };
    const { file, reportOf, untilFinding } = product({
      uploadUsage: () => uploaded(1, 'good'),
      readUsageStage: () => look,
      checkUsageTotals: (call) => read(call === 1, call),
    });
    await reportOf(counting(1, 'good'));
    await file.untilStep(WAITING);
    expect(await file.searchAttributes()).not.toHaveProperty('ConnectFinding');
    look = { stage: next, workbook: 'theirs', submitted: '2026-11-05T06:03:00+00:00' };
    await file.reprocess();
    await untilFinding('differs');
    look.stage = 'accepted';
    if (next === 'pending') {
      await file.untilStep(WAITING);
      await file.reprocess();
    }
    expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: true });
  },
);

concurrently('records that the distributor has refused in a file that it accepts are a finding', async () => {
  let stage: UsageFileStage = 'ready';
  const { file, reportOf } = product({
    uploadUsage: () => uploaded(1, 'good'),
    readUsageStage: () => stage,
    submitUsageFile: () => void (stage = 'pending'),
    checkUsageTotals: () => read(stage !== 'accepted', 0),
  });
  await reportOf(counting(1, 'good'));
  await file.untilStep(WAITING);
  stage = 'accepted';
  await file.reprocess();
  expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: true, inConnect: { rows: 0 } });
});

concurrently.each<[string, Stub]>([
  ['finds it submitted', () => found],
  ['is refused', refuses],
])(
  'of an upload whose answer was lost nobody says that the file has the records before: the next attempt %s',
  async (_, next) => {
    let look: Look = 'processing';
    const { file, reportOf } = product({
      uploadUsage: (call) => {
        if (call === 1) return uploaded(1, 'first');
        if (call === 2) return isDown(); // it has arrived, all the same
        look = { stage: 'accepted', workbook: 'W-2' };
        return next(call);
      },
      readUsageStage: () => look,
      checkUsageTotals: () => read(true),
    });
    await reportOf(counting(1, 'first'));
    await file.untilStep('Connect reads the workbook');
    look = 'ready';
    await reportOf(counting(1, 'second'));
    await file.until('retrying');
    await file.reprocess();
    if (next === refuses) {
      await file.until('parked');
      await file.reprocess();
    }
    expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: false });
  },
);
