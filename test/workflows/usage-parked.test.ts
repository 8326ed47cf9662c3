import { expect, test } from '@jest/globals';
import { failure } from '../../activities/failure';
import { FailureType } from '../../src/domain/failure-type';
import { RECOUNT } from '../../src/domain/messages';
import { DEFAULT_PATIENCE, type Patience } from '../../src/domain/request-run';
import type { UsageFileLook, UsageFileStage } from '../../src/domain/usage';
import { gate } from '../support/gate';
import {
  counting,
  digests,
  found,
  isDown,
  isRefused,
  read,
  refuses,
  sent,
  theirs,
  uploaded,
  useUsageFiles,
  WAITING,
} from '../support/use-usage-files';
import { waitFor } from '../support/wait-for';

const { product } = useUsageFiles();
const concurrently = test.concurrent;

concurrently('that a file differs by more than its sums is known after a park too', async () => {
  let stage: UsageFileStage = 'ready';
  let isRefused = false;
  const { file, reportOf } = product({
    uploadUsage: (call) => (call === 1 ? uploaded(1, 'good') : found),
    readUsageStage: () => {
      if (isRefused) throw failure(FailureType.CONNECT_REJECTED, 'the key lacks a right');
      return stage;
    },
    submitUsageFile: () => void (stage = 'pending'),
    checkUsageTotals: () => read(true),
  });
  await reportOf(counting(1, 'good'));
  await file.untilStep(WAITING);
  isRefused = true;
  await reportOf(counting(1, 'others'));
  await file.until('parked');
  isRefused = false;
  stage = 'accepted';
  await file.reprocess();
  expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: true });
});

concurrently('a file of which Connect has read something else gets a new workbook after reprocess', async () => {
  const { file, reportOf, uploads, steps } = product({
    uploadUsage: () => uploaded(1, 'good'),
    readUsageStage: () => (uploads().length < 2 ? 'ready' : 'accepted'),
    checkUsageTotals: () => read(uploads().length > 1, 2),
  });
  await reportOf(counting(1, 'good'));
  const report = ['the vendor reports 1 records, Connect has 2', 'CALLS: the vendor reports 1, Connect has 2'];
  expect(await file.until('parked')).toMatchObject({ failureType: 'UsageMismatch', report });
  expect(steps().filter((step) => step === 'checkUsageTotals')).toHaveLength(2); // a person may have been at it
  await file.reprocess();
  expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: false });
  expect(uploads()).toEqual([undefined, 'W-1']);
});

concurrently('after Connect has refused the submission, reprocess builds a corrected workbook', async () => {
  let submits = 0;
  const { file, reportOf, uploads } = product({
    uploadUsage: (call) => uploaded(1, call === 1 ? 'bad' : 'corrected'),
    readUsageStage: () => (submits > 1 ? 'accepted' : 'ready'),
    submitUsageFile: () => {
      submits += 1;
      if (submits === 1) isRefused();
    },
  });
  await reportOf(counting(1, 'bad'));
  await file.until('parked');
  await file.reprocess();
  await file.result();
  expect(uploads()).toEqual([undefined, 'W-1']);
});

concurrently('after a day without reprocess it is submitted as it is, where nobody has changed it', async () => {
  let submits = 0;
  const { file, reportOf, uploads } = product(
    {
      uploadUsage: () => uploaded(1, 'good'),
      readUsageStage: () => (submits > 1 ? 'accepted' : 'ready'),
      submitUsageFile: () => {
        submits += 1;
        if (submits === 1) isRefused();
      },
    },
    { parkedMs: 1_000 },
  );
  await reportOf(counting(1, 'good'));
  expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: false });
  expect([submits, uploads()]).toEqual([2, [undefined]]);
});

concurrently(
  'an upload whose answer was lost is not sent once more, where Connect has read from it what counts',
  async () => {
    let submits = 0;
    const { file, reportOf, uploads } = product({
      uploadUsage: (call) => (call === 1 ? isDown() : found), // it has arrived
      readUsageStage: () => theirs(submits > 0 ? 'accepted' : 'ready'),
      submitUsageFile: () => void (submits += 1),
    });
    await reportOf(counting(1, 'good'));
    await file.until('retrying');
    await file.reprocess();
    expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: false });
    expect([submits, uploads()]).toEqual([1, [undefined, undefined]]);
  },
);

concurrently('what the distributor has is compared after a park', async () => {
  let stage: UsageFileStage = 'ready';
  let fails = false;
  const { file, reportOf } = product({
    uploadUsage: (call) => (call === 1 ? uploaded(1, 'good') : found),
    readUsageStage: () => (fails ? isRefused() : stage),
    submitUsageFile: () => void (stage = 'pending'),
    checkUsageTotals: (call) => read(call === 1, 5),
  });
  await reportOf(counting(1, 'good'));
  await file.untilStep(WAITING);
  fails = true;
  await file.reprocess();
  await file.until('parked');
  fails = false;
  stage = 'accepted';
  await file.reprocess();
  expect(await file.result()).toMatchObject({ differs: true });
});

concurrently(
  'what was uploaded before a long wait, which goes on in a run of its own, is known after a park',
  async () => {
    let stage: UsageFileStage = 'pending';
    let fails = false;
    const { file, goOn } = product({ readUsageStage: () => (fails ? isRefused() : { stage, workbook: 'W-1' }) });
    const ours = { usage: counting(1, 'good'), workbook: 'W-1', replaced: undefined };
    const handle = await goOn({ usage: counting(1, 'good'), file: { fileId: 'UF-1', ours } });
    await file.untilStep(WAITING);
    await handle.signal(RECOUNT, counting(1, 'others'));
    fails = true;
    await file.until('parked');
    fails = false;
    stage = 'accepted';
    await file.reprocess();
    expect(await file.result()).toMatchObject({ differs: true });
  },
);

concurrently('what was corrected for reprocess is what the file should say from then on', async () => {
  let stage: UsageFileStage = 'ready';
  let fails = false;
  const { file, reportOf } = product({
    uploadUsage: (call) => {
      if (call === 1) throw failure(FailureType.USAGE_REFUSED, 'one bad record');
      return uploaded(2, 'corrected');
    },
    readUsageStage: () => (fails ? isRefused() : stage),
    submitUsageFile: () => void (stage = 'pending'),
    checkUsageTotals: () => read(true, 2),
  });
  await reportOf({ ...counting(1, 'good'), bad: 1, heldBack: true });
  await file.until('parked');
  await file.reprocess();
  await file.untilStep(WAITING);
  fails = true;
  await file.reprocess();
  await file.until('parked');
  fails = false;
  stage = 'accepted';
  await file.reprocess();
  await file.result();
  expect(await file.input()).toMatchObject({ usage: { rows: 2, bad: 0, digests: digests('corrected') } });
});

concurrently(
  'a file in which Connect finds invalid records gets a new workbook after reprocess, at whatever step it parks meanwhile',
  async () => {
    const parks = (type: FailureType) => {
      throw failure(type, 'somebody has to look');
    };
    const { file, report, uploads, untilTrouble } = product({
      uploadUsage: (call) => (call === 2 ? parks(FailureType.USAGE_REFUSED) : sent(1)),
      readUsageStage: () => (uploads().length < 3 ? 'invalid' : 'accepted'),
    });
    await report(1);
    for (const failureType of ['UsageInvalid', 'UsageRefused']) {
      await untilTrouble(failureType);
      await file.reprocess();
    }
    expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: false });
    expect(uploads()).toEqual([undefined, 'W-1', 'W-1']);
  },
);

concurrently.each<[UsageFileStage, string]>([
  ['rejected', 'UsageRejected'],
  ['invalid', 'UsageInvalid'],
])(
  'a file that is %s takes a corrected workbook after reprocess, and no day brings one by itself',
  async (stage, type) => {
    const stubs = {
      uploadUsage: () => uploaded(1, 'good'),
      readUsageStage: () => (uploads().length < 2 ? stage : 'accepted'),
    };
    const { file, reportOf, uploads, untilTrouble, steps } = product(stubs, { parkedMs: 1_000 });
    await reportOf(counting(1, 'good'));
    await untilTrouble(type);
    const looks = () => steps().filter((step) => step === 'readUsageStage').length;
    await waitFor('the looks of two days', looks, (all) => all > 2);
    expect(uploads()).toEqual([undefined]);
    await untilTrouble(type);
    await file.reprocess();
    await file.result();
    expect(uploads()).toEqual([undefined, 'W-1']);
  },
);

/** A run that has a file, and is parked until somebody asks: the new workbook has a bad record. */
async function heldBack(patience: Partial<Patience> = {}) {
  const state = { look: (): unknown => 'rejected' };
  const made = product(
    {
      uploadUsage: (call) => (call === 1 ? uploaded(1, 'good') : refuses()),
      readUsageStage: () => state.look(),
      checkUsageTotals: () => read(false, 2),
    },
    patience,
  );
  await made.reportOf(counting(1, 'good'));
  await made.untilTrouble('UsageRejected');
  await made.file.untilReprocessed();
  await made.untilTrouble('UsageRefused');
  const looks = () => made.steps().filter((step) => step === 'readUsageStage').length;
  /** So many more days. */
  const afterDays = async (days: number) => {
    const before = looks();
    await waitFor(`the looks of ${days} days`, looks, (all) => all >= before + days);
  };
  return { ...made, state, afterDays };
}

concurrently.each([
  ['accepted', theirs('accepted'), { outcome: 'accepted', differs: true }],
  ['deleted', theirs('deleted'), { outcome: 'deleted' }],
])(
  'a file that is held back until somebody asks is followed where it is %s meanwhile, within a day',
  async (_, look, result) => {
    const { file, uploads, state, afterDays } = await heldBack({ parkedMs: 1_000 });
    await afterDays(2);
    expect(await file.progress()).toMatchObject({ phase: 'parked', failureType: 'UsageRefused' });
    expect(await file.currentDetails()).toContain('Nothing is tried by itself.');
    for (const tellsNothing of [isRefused, () => theirs('gone')]) {
      state.look = tellsNothing;
      await afterDays(2);
    }
    expect(await file.progress()).toMatchObject({ phase: 'parked', failureType: 'UsageRefused' });
    state.look = () => look;
    expect(await file.result()).toMatchObject(result);
    expect(uploads()).toHaveLength(2);
  },
);

concurrently(
  'one that was held back before its run knew of a file is followed too, where somebody has filled it',
  async () => {
    const state: { has: () => boolean; look: UsageFileLook } = { has: () => false, look: theirs('pending') };
    const { file, reportOf, uploads, steps, untilFinding } = product(
      {
        uploadUsage: (call) => (call === 1 ? refuses() : found),
        hasUsageFile: () => state.has(),
        readUsageStage: () => state.look,
        checkUsageTotals: () => read(false, 2),
      },
      { parkedMs: 1_000 },
    );
    await reportOf(counting(1, 'good'));
    const looks = () => steps().filter((step) => step === 'hasUsageFile').length;
    for (const tellsNothing of [() => false, isRefused]) {
      state.has = tellsNothing;
      const before = looks();
      await waitFor('the looks of two days', looks, (all) => all >= before + 2);
      expect(await file.progress()).toMatchObject({ phase: 'parked', failureType: 'UsageRefused' });
    }
    state.has = () => true;
    await untilFinding('differs');
    await file.untilStep(WAITING);
    state.look = theirs('accepted');
    await file.reprocess();
    expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: true });
    expect(uploads()).toEqual([undefined, undefined]);
  },
);

concurrently('whoever asks for a file that is held back while it is looked at is heard', async () => {
  const looking = gate();
  const { file, uploads, state } = await heldBack({ parkedMs: 2_000 });
  state.look = async () => {
    await looking.pass();
    return theirs('deleted');
  };
  await looking.reached;
  await file.reprocess();
  looking.open();
  await waitFor('another file', uploads, (all) => all.length > 2);
  expect(uploads().at(-1)).toBeUndefined();
  await file.terminate();
});

/** A run that is parked while its file is with the distributor; the next look, whenever that is, finds it otherwise. */
function parkedThen(stage: UsageFileStage, patience: Partial<Patience> = {}) {
  const stubs = {
    uploadUsage: () => uploaded(1, 'good'),
    readUsageStage: (call: number) => {
      if (call < 3) return call === 1 ? 'pending' : isRefused();
      return made.uploads().length < 2 ? stage : 'accepted';
    },
  };
  const made = product(stubs, patience);
  return made;
}

concurrently.each([
  ['its time has come', 1_000],
  ['somebody asks', DEFAULT_PATIENCE.parkedMs],
])('what was rejected while the run was parked for something else is for a person first: %s', async (_, parkedMs) => {
  const { file, reportOf, uploads, untilTrouble } = parkedThen('rejected', { parkedMs });
  await reportOf(counting(1, 'good'));
  await file.untilStep(WAITING);
  await file.reprocess();
  if (parkedMs > 1_000) {
    await file.until('parked');
    await file.reprocess();
  }
  await untilTrouble('UsageRejected');
  expect(uploads()).toHaveLength(1);
  await file.reprocess();
  expect(await file.result()).toMatchObject({ outcome: 'accepted' });
  expect(uploads()).toHaveLength(2);
});

concurrently('what was asked before the file was seen rejected does not send it anew', async () => {
  const looking = gate();
  const { file, reportOf, uploads, untilTrouble } = product({
    uploadUsage: () => uploaded(1, 'good'),
    readUsageStage: async (call) => {
      if (call === 1) return 'pending';
      if (call === 2) return isDown();
      if (call === 3) await looking.pass();
      return uploads().length === 1 ? 'rejected' : 'accepted';
    },
  });
  await reportOf(counting(1, 'good'));
  await file.untilStep(WAITING);
  await file.reprocess();
  await file.until('retrying');
  await file.reprocess();
  await looking.reached;
  await file.reprocess();
  looking.open();
  await untilTrouble('UsageRejected');
  expect(uploads()).toHaveLength(1);
  await file.reprocess();
  expect(await file.result()).toMatchObject({ outcome: 'accepted' });
  expect(uploads()).toHaveLength(2);
});

concurrently('records that are asked for again while they are being refused are read again at once', async () => {
  const refusing = gate();
  const { file, reportOf, uploads } = product({
    uploadUsage: async (call) => {
      if (call === 1) return isDown();
      if (call === 3) return uploaded(1, 'good');
      await refusing.pass();
      return refuses();
    },
  });
  await reportOf(counting(1, 'good'));
  await file.until('retrying');
  await file.reprocess();
  await refusing.reached;
  await file.reprocess();
  refusing.open();
  expect(await file.result()).toMatchObject({ outcome: 'accepted' });
  expect(uploads()).toHaveLength(3);
});

concurrently('a file that a person has deleted while its run was parked is not made again by itself', async () => {
  const { file, reportOf, uploads } = parkedThen('deleted', { parkedMs: 1_000 });
  await reportOf(counting(1, 'good'));
  await file.untilStep(WAITING);
  await file.reprocess();
  expect(await file.result()).toEqual({ outcome: 'deleted', fileId: 'UF-1' });
  expect(uploads()).toHaveLength(1);
});

concurrently.each(['reprocess', 'report'])('it is, where somebody asks for it meanwhile by %s', async (asks) => {
  const parkedMs = asks === 'report' ? 10_000 : DEFAULT_PATIENCE.parkedMs;
  const { file, reportOf, uploads } = parkedThen('deleted', { parkedMs });
  await reportOf(counting(1, 'good'));
  await file.untilStep(WAITING);
  await file.reprocess();
  await file.until('parked');
  if (asks === 'report') await reportOf(counting(1, 'good'));
  else await file.reprocess();
  expect(await file.result()).toMatchObject({ outcome: 'accepted' });
  expect(uploads()).toHaveLength(2);
});

concurrently('nor is one that Connect does not show any more: it may be with the distributor', async () => {
  let stage: UsageFileStage = 'pending';
  const { file, reportOf, uploads, steps } = product(
    {
      uploadUsage: () => uploaded(1, 'good'),
      readUsageStage: (call) => (call === 1 || uploads().length > 1 ? stage : 'gone'),
    },
    { parkedMs: 1_000 },
  );
  await reportOf(counting(1, 'good'));
  await file.untilStep(WAITING);
  await file.reprocess();
  await waitFor(
    'the looks of two days',
    () => steps().filter((step) => step === 'readUsageStage').length,
    (looks) => looks > 3,
  );
  expect(uploads()).toHaveLength(1);
  stage = 'accepted';
  await reportOf(counting(1, 'good'));
  expect(await file.result()).toMatchObject({ outcome: 'accepted' });
  expect(uploads()).toHaveLength(2);
});

concurrently('where a deleted file that is asked for cannot be made again at once, it is made later', async () => {
  const { file, reportOf, uploads } = product(
    {
      uploadUsage: (call) => (call === 2 ? isRefused() : uploaded(1, 'good')),
      readUsageStage: () => (uploads().length === 1 ? stage : uploads().length === 2 ? 'deleted' : 'accepted'),
    },
    { parkedMs: 1_000 },
  );
  let stage: UsageFileStage = 'pending';
  await reportOf(counting(1, 'good'));
  await file.untilStep(WAITING);
  stage = 'deleted';
  await reportOf(counting(1, 'good'));
  expect(await file.result()).toMatchObject({ outcome: 'accepted' });
  expect(uploads()).toHaveLength(3);
});
