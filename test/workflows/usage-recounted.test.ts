import { expect, test } from '@jest/globals';
import type { UsageFileStage } from '../../src/domain/usage';
import { gate } from '../support/gate';
import { counting, isDown, read, refuses, sent, uploaded, useUsageFiles } from '../support/use-usage-files';

const { product } = useUsageFiles();
const concurrently = test.concurrent;

concurrently(
  'a file of which nothing is left when it is built anew has been taken back, and that is its end',
  async () => {
    let stage: UsageFileStage = 'processing';
    const { file, report, uploads } = product({
      uploadUsage: (call) => (call === 1 ? sent(2) : { kind: 'nothing', bad: 0 }),
      readUsageStage: () => stage,
    });
    await report(2);
    await file.untilStep('Connect reads the workbook');
    stage = 'ready';
    await report(0);
    expect(await file.result()).toMatchObject({ outcome: 'nothing', bad: 0 });
    expect(uploads()).toEqual([undefined, 'W-1']);
  },
);

concurrently('what is corrected before the file is submitted is sent anew', async () => {
  let stage: UsageFileStage = 'processing';
  const { file, report, uploads } = product({
    uploadUsage: (call) => sent(call),
    readUsageStage: () => stage,
    submitUsageFile: () => void (stage = 'accepted'),
    checkUsageTotals: () => read(uploads().length === 2, 2),
  });
  await report(1);
  await file.untilStep('Connect reads the workbook');
  await report(2);
  stage = 'ready';
  expect(await file.result()).toMatchObject({ outcome: 'accepted', rows: 2, differs: false });
  expect(uploads()).toEqual([undefined, 'W-1']);
});

concurrently('what is corrected while the totals are compared is not submitted uncorrected', async () => {
  const comparing = gate();
  let submits = 0;
  const { file, report, uploads } = product({
    uploadUsage: (call) => sent(call),
    readUsageStage: () => (submits === 0 ? 'ready' : 'accepted'),
    checkUsageTotals: async (call) => {
      if (call === 1) await comparing.pass();
      return read(true, call);
    },
    submitUsageFile: () => void (submits += 1),
  });
  await report(1);
  await comparing.reached;
  await report(2);
  comparing.open();
  expect(await file.result()).toMatchObject({ outcome: 'accepted', rows: 2, differs: false });
  expect(uploads()).toEqual([undefined, 'W-1']);
  expect(submits).toBe(1);
});

concurrently(
  'a file that is counted anew, and is the same, is left alone; one whose records are others is sent anew',
  async () => {
    let stage: UsageFileStage = 'processing';
    const { file, reportOf, uploads } = product({
      uploadUsage: (call) => uploaded(1, call === 1 ? 'first' : 'second'),
      readUsageStage: () => stage,
      submitUsageFile: () => void (stage = 'accepted'),
      checkUsageTotals: () => read(true),
    });
    await reportOf(counting(1, 'first'));
    await file.untilStep('Connect reads the workbook');
    await reportOf(counting(1, 'first'));
    expect(uploads()).toHaveLength(1);
    await reportOf(counting(1, 'second')); // the same sums
    stage = 'ready';
    expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: false });
    expect(uploads()).toEqual([undefined, 'W-1']);
  },
);

concurrently('a bad record that is counted before the file is submitted holds it back', async () => {
  let stage: UsageFileStage = 'processing';
  let submits = 0;
  const { file, reportOf } = product({
    uploadUsage: (call) => {
      if (call === 2) return refuses();
      return uploaded(1, 'good');
    },
    readUsageStage: () => stage,
    submitUsageFile: () => void (submits += 1),
  });
  await reportOf(counting(1, 'good'));
  await file.untilStep('Connect reads the workbook');
  await reportOf({ ...counting(1, 'good'), bad: 1, heldBack: true });
  stage = 'ready';
  expect(await file.until('parked')).toMatchObject({ failureType: 'UsageRefused' });
  expect(submits).toBe(0);
  await file.terminate();
});

concurrently('what is withdrawn while the submission fails is not submitted', async () => {
  let submits = 0;
  const { file, report, reportOf } = product({
    uploadUsage: (call) => (call === 1 ? uploaded(1, 'good') : { kind: 'nothing', bad: 0 }),
    readUsageStage: () => 'ready',
    submitUsageFile: () => {
      submits += 1;
      isDown();
    },
  });
  await reportOf(counting(1, 'good'));
  await file.until('retrying');
  await report(0);
  expect(await file.result()).toMatchObject({ outcome: 'nothing' });
  expect(submits).toBe(1);
});

concurrently(
  'a file that a person has deleted is made again where the report is asked for again, and not otherwise',
  async () => {
    let stage: UsageFileStage = 'processing';
    const { file, reportOf, uploads } = product({
      uploadUsage: (call) => {
        stage = call === 1 ? 'processing' : 'accepted';
        return uploaded(1, 'good');
      },
      readUsageStage: () => stage,
    });
    await reportOf(counting(1, 'good'));
    await file.untilStep('Connect reads the workbook');
    stage = 'deleted';
    await reportOf(counting(1, 'good'));
    expect(await file.result()).toMatchObject({ outcome: 'accepted' });
    expect(uploads()).toEqual([undefined, undefined]);

    const other = product({ uploadUsage: () => uploaded(1, 'good'), readUsageStage: () => 'deleted' });
    await other.reportOf(counting(1, 'good'));
    expect(await other.file.result()).toEqual({ outcome: 'deleted', fileId: 'UF-1' });
    expect(other.uploads()).toHaveLength(1);
  },
);

concurrently('an upload that Connect takes and does not show yet is waited for, and not made again', async () => {
  const { file, reportOf, uploads } = product({
    uploadUsage: () => uploaded(1, 'good'),
    readUsageStage: (call) => (call < 3 ? 'draft' : 'accepted'),
  });
  await reportOf(counting(1, 'good'));
  await file.result();
  expect(uploads()).toEqual([undefined]);
  expect((await file.events()).filter((event) => event === 'TIMER_STARTED')).toHaveLength(2);
});

concurrently('a submission that Connect takes and does not show yet is not made again at once', async () => {
  const looking = gate();
  let submits = 0;
  const { file, reportOf, steps } = product({
    uploadUsage: () => uploaded(1, 'good'),
    readUsageStage: async () => {
      if (submits === 1) await looking.pass();
      return submits < 2 ? 'ready' : 'accepted';
    },
    submitUsageFile: () => void (submits += 1),
  });
  await reportOf(counting(1, 'good'));
  await looking.reached;
  await reportOf(counting(1, 'good')); // the same, which changes nothing
  looking.open();
  expect(await file.result()).toMatchObject({ outcome: 'accepted' });
  const from = steps().indexOf('submitUsageFile');
  const until = steps().indexOf('submitUsageFile', from + 1);
  // It has waited after the first look, since only then does it look again.
  expect(steps().slice(from + 1, until)).toEqual(['readUsageStage', 'readUsageStage', 'checkUsageTotals']);
  expect(submits).toBe(2);
});

concurrently('what is counted again while a withdrawn file is taken back is sent', async () => {
  const takingBack = gate();
  let stage: UsageFileStage = 'processing';
  const { file, report, reportOf, uploads } = product({
    uploadUsage: async (call) => {
      if (call === 1) return uploaded(1, 'good');
      if (call === 2) await takingBack.pass();
      if (call === 2) return { kind: 'nothing', bad: 0 };
      stage = 'accepted';
      return uploaded(2, 'more');
    },
    readUsageStage: () => stage,
  });
  await reportOf(counting(1, 'good'));
  await file.untilStep('Connect reads the workbook');
  stage = 'ready';
  await report(0);
  await takingBack.reached;
  expect(await reportOf(counting(2, 'more'))).toMatchObject({ files: [{ state: 'running', rows: 2 }] });
  takingBack.open();
  expect(await file.result()).toMatchObject({ outcome: 'accepted', rows: 2 });
  expect(uploads()).toHaveLength(3);
});

concurrently('what is corrected while a bad workbook is built is sent, and does not park', async () => {
  const building = gate();
  const { file, reportOf, uploads } = product({
    uploadUsage: async (call) => {
      if (call > 1) return uploaded(1, 'good');
      await building.pass();
      refuses();
    },
  });
  await reportOf({ ...counting(1, 'good'), bad: 1, heldBack: true });
  await building.reached;
  await reportOf(counting(1, 'good'));
  building.open();
  expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: false });
  expect(uploads()).toHaveLength(2);
});
