import { expect, test } from '@jest/globals';
import { failure } from '../../activities/failure';
import { FailureType } from '../../src/domain/failure-type';
import type { Patience } from '../../src/domain/request-run';
import type { Look } from '../support/usage-stubs';
import { counting, theirs, uploaded, useUsageFiles } from '../support/use-usage-files';

const { product } = useUsageFiles();
const concurrently = test.concurrent;

/** A file whose submission Connect takes, and does nothing about. */
async function submittedInVain(patience: Partial<Patience> = {}) {
  const state: { look: Look } = { look: 'ready' };
  const made = product(
    {
      uploadUsage: () => uploaded(1, 'good'),
      readUsageStage: () => state.look,
      submitUsageFile: () => {
        if (state.look === 'ready') throw failure(FailureType.USAGE_UNSUBMITTED, 'UF-1 is ready still');
      },
    },
    patience,
  );
  await made.reportOf(counting(1, 'good'));
  await made.untilTrouble('UsageUnsubmitted');
  const submits = () => made.steps().filter((step) => step === 'submitUsageFile').length;
  return { ...made, state, submits };
}

concurrently.each<[string, Look, object]>([
  ['submits it', 'accepted', { outcome: 'accepted', differs: false }],
  ['replaces it, and submits that', theirs('accepted'), { outcome: 'accepted' }],
  ['deletes it', theirs('deleted'), { outcome: 'deleted' }],
])('a file that stays ready is submitted on, in sight, and followed where a person %s', async (_, look, result) => {
  const { file, uploads, submits, state } = await submittedInVain();
  expect(await file.until('retrying')).toMatchObject({ step: 'submit', failureType: 'UsageUnsubmitted' });
  state.look = look;
  await file.untilReprocessed();
  expect(await file.result()).toMatchObject(result);
  expect(submits()).toBeGreaterThan(1);
  expect(uploads()).toEqual([undefined]);
});

concurrently('where nothing has come of it for long enough the run parks, and begins again a day later', async () => {
  const { file, uploads, submits, state } = await submittedInVain({ retryMs: 0, parkedMs: 1_000 });
  const [first] = await file.chain();
  expect(await file.progress()).toMatchObject({ phase: 'parked', step: 'submit' });
  const before = submits();
  await file.untilRunAfter(first!);
  await file.until('parked');
  expect(submits()).toBeGreaterThan(before);
  state.look = 'accepted';
  expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: false });
  expect(uploads()).toEqual([undefined]);
});

concurrently('whoever asks for one that is parked has its workbook sent and submitted anew', async () => {
  const { file, uploads, state } = await submittedInVain({ retryMs: 0 });
  await file.until('parked');
  await file.reprocess();
  await file.until('parked');
  state.look = 'accepted';
  await file.reprocess();
  expect(await file.result()).toMatchObject({ outcome: 'accepted' });
  expect(uploads()).toEqual([undefined, 'W-1']);
});
