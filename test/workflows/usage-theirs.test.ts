import { expect, test } from '@jest/globals';
import type { UsageFileStage } from '../../src/domain/usage';
import { gate } from '../support/gate';
import {
  counting,
  found,
  isDown,
  isRefused,
  read,
  sent,
  theirs,
  uploaded,
  useUsageFiles,
  WAITING,
} from '../support/use-usage-files';
import type { Look } from '../support/usage-stubs';

const { product } = useUsageFiles();
const concurrently = test.concurrent;

/** A run whose file may get a workbook from somebody else, which says something else than the vendor. */
function meddledWith(parkedMs?: number) {
  const state: { look: Look; submits: number; fails: (() => never) | undefined } = {
    look: 'ready',
    submits: 0,
    fails: undefined,
  };
  const isOurs = () => typeof state.look === 'string';
  const made = product(
    {
      uploadUsage: (call) => (call > 1 && (state.look = 'ready'), uploaded(1, 'good')),
      readUsageStage: () => state.look,
      checkUsageTotals: () => read(isOurs(), isOurs() ? 1 : 42),
      submitUsageFile: () => {
        state.submits += 1;
        state.fails?.();
        if (isOurs()) state.look = 'pending';
      },
    },
    parkedMs === undefined ? {} : { parkedMs },
  );
  return { ...made, state };
}

concurrently(
  'a correction that a person uploads after the rejection stays, whatever was counted meanwhile',
  async () => {
    const { file, reportOf, uploads, untilFinding, untilTrouble, state } = meddledWith();
    await reportOf(counting(1, 'good'));
    await file.untilStep(WAITING);
    await reportOf(counting(1, 'others'));
    await untilFinding('differs');
    await file.untilStep(WAITING);
    state.look = theirs('ready');
    await file.reprocess();
    await untilTrouble('UsageMismatch');
    const { reason, report } = await file.progress();
    expect(reason).toMatch(/^UF-1 has a workbook that was not uploaded by its run/);
    expect(report).toContain('CALLS: the vendor reports 1, Connect has 42');
    expect(await file.searchAttributes()).toMatchObject({ ConnectFinding: 'differs' });
    expect([uploads(), state.submits]).toEqual([[undefined], 1]);

    state.look = theirs('accepted'); // they submit it themselves
    await file.reprocess();
    expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: true });
    expect(uploads()).toEqual([undefined]);
  },
);

concurrently.each([
  ['a day brings', 1_000],
  ['reprocess brings', undefined],
])('what a person uploads while the run is parked stays: %s a look, and no workbook', async (_, parkedMs) => {
  const { file, reportOf, uploads, untilTrouble, state } = meddledWith(parkedMs);
  state.fails = isRefused;
  await reportOf(counting(1, 'good'));
  await untilTrouble('ConnectRejected');
  state.look = theirs('ready');
  if (parkedMs === undefined) await file.reprocess();
  await untilTrouble('UsageMismatch');
  expect(uploads()).toEqual([undefined]);

  state.fails = undefined;
  await file.reprocess(); // told what is wrong, somebody wants ours
  await file.untilStep(WAITING);
  expect(uploads()).toEqual([undefined, 'theirs']);
  await file.terminate();
});

concurrently('what a person uploads while the submission fails is not submitted for them', async () => {
  const { file, reportOf, untilTrouble, state } = meddledWith();
  state.fails = isDown;
  await reportOf(counting(1, 'good'));
  await file.until('retrying');
  state.look = theirs('ready');
  state.fails = undefined; // the step finds theirs, and submits nothing
  await file.reprocess();
  await untilTrouble('UsageMismatch');
  await file.terminate();
});

concurrently.each<[UsageFileStage, object]>([
  ['pending', { failureType: undefined }],
  ['deleted', {}],
])('what is found to differ, and is %s meanwhile, does not park', async (stage) => {
  const comparing = gate();
  let look: Look = 'ready';
  const { file, reportOf, untilFinding } = product({
    uploadUsage: () => uploaded(1, 'good'),
    readUsageStage: () => look,
    checkUsageTotals: async (call) => {
      if (call === 1) await comparing.pass();
      return read(false, 2);
    },
  });
  await reportOf(counting(1, 'good'));
  await comparing.reached;
  look = theirs(stage);
  comparing.open();
  if (stage === 'deleted') expect(await file.result()).toMatchObject({ outcome: 'deleted' });
  else {
    await untilFinding('differs');
    await file.terminate();
  }
});

concurrently('what was asked while the file was ready does not send it anew once it is rejected', async () => {
  const { file, reportOf, uploads, untilTrouble, state } = meddledWith();
  state.fails = isRefused;
  await reportOf(counting(1, 'good'));
  await untilTrouble('ConnectRejected');
  state.look = 'rejected'; // somebody has submitted it in the portal
  state.fails = undefined;
  await file.reprocess();
  await untilTrouble('UsageRejected');
  expect(uploads()).toEqual([undefined]);
  await file.terminate();
});

concurrently('of a workbook that is not its own, the number of records is not enough to submit it', async () => {
  const { file, report, untilTrouble, steps } = product({
    uploadUsage: () => found,
    readUsageStage: () => theirs('ready'),
    checkUsageTotals: () => ({ same: true }),
  });
  await report(1);
  await untilTrouble('UsageMismatch');
  expect(steps()).not.toContain('submitUsageFile');
  await file.terminate();
});

concurrently('what a person corrects and submits after a rejection is followed, a day later', async () => {
  const { file, reportOf, untilTrouble, state } = meddledWith(1_000);
  await reportOf(counting(1, 'good'));
  await file.untilStep(WAITING);
  state.look = 'rejected';
  await file.reprocess();
  await untilTrouble('UsageRejected');
  state.look = theirs('accepted');
  expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: true, inConnect: { rows: 42 } });
});

concurrently.each<[UsageFileStage, string]>([
  ['rejected', 'UsageRejected'],
  ['invalid', 'UsageInvalid'],
  ['ready', 'UsageMismatch'],
])('a run that begins with a file that is %s sends nothing before a person asks', async (stage, type) => {
  const { file, report, uploads, untilTrouble } = product({
    uploadUsage: (call) => (call === 1 ? found : sent(1)),
    readUsageStage: () => (uploads().length === 1 ? theirs(stage) : 'accepted'),
    checkUsageTotals: () => read(uploads().length > 1, 3),
  });
  await report(1);
  await untilTrouble(type);
  expect(uploads()).toEqual([undefined]);
  await file.reprocess();
  expect(await file.result()).toMatchObject({ outcome: 'accepted' });
  expect(uploads()).toEqual([undefined, 'theirs']);
});

concurrently(
  'a file that Connect shows late after an upload, still with the workbook before, is waited for',
  async () => {
    let look: Look = 'rejected';
    const { file, report, uploads, untilTrouble } = product({
      uploadUsage: () => sent(1),
      readUsageStage: () => look,
    });
    await report(1);
    await untilTrouble('UsageRejected');
    look = { stage: 'rejected', workbook: 'W-1' };
    await file.reprocess();
    await file.untilStep('Connect reads the workbook');
    expect(uploads()).toEqual([undefined, 'W-1']);
    look = 'accepted';
    expect(await file.result()).toMatchObject({ outcome: 'accepted' });
  },
);

concurrently.each<[string, UsageFileStage, string | undefined]>([
  ['deleted', 'deleted', undefined],
  ['gone', 'gone', 'ConnectGone'],
])('a report that came before the file was seen %s does not make another', async (_, stage, type) => {
  const looking = gate();
  const { file, reportOf, uploads, untilTrouble } = product(
    {
      uploadUsage: () => uploaded(1, 'good'),
      readUsageStage: async (call) => {
        if (call === 1) return 'pending';
        if (call === 2) return isRefused();
        if (call === 3) await looking.pass();
        return stage;
      },
    },
    { parkedMs: 1_000 },
  );
  await reportOf(counting(1, 'good'));
  await file.untilStep(WAITING);
  await reportOf(counting(1, 'good')); // its look is refused, and the run parks
  await looking.reached;
  looking.open();
  if (type) {
    await untilTrouble(type);
    await file.terminate();
  } else expect(await file.result()).toMatchObject({ outcome: 'deleted' });
  expect(uploads()).toHaveLength(1);
});
