import { expect, test } from '@jest/globals';
import type { UsageFileInput, UsageFileStage } from '../../src/domain/usage';
import type { Look } from '../support/usage-stubs';
import { counting, isRefused, theirs, uploaded, useUsageFiles } from '../support/use-usage-files';

const { product } = useUsageFiles();
const concurrently = test.concurrent;

const READING = 'Connect reads the workbook';
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

/** A run that has uploaded W-1 and waits, since so many hours, for Connect to read it. Each further upload is shown as it should be. */
async function waitingSince(
  hours: number,
  look: Look,
  { workbook = 'W-1', replaced = undefined as string | undefined, parkedMs = 3_600_000 } = {},
) {
  const state = { look, isRefused: false };
  const made = product(
    {
      uploadUsage: () => ((state.look = { stage: 'accepted', workbook: 'W-1' }), uploaded(1, 'good')),
      readUsageStage: () => (state.isRefused ? isRefused() : state.look),
    },
    { parkedMs },
  );
  const ours = { usage: counting(1, 'good'), workbook, replaced };
  const unread = { workbook, since: hoursAgo(hours) };
  await made.goOn({ usage: counting(1, 'good'), file: { fileId: 'UF-1', ours }, unread });
  return { ...made, state };
}

concurrently('a file that Connect does not read for a day parks, and goes on by itself once it is read', async () => {
  const { file, uploads, untilTrouble, state } = await waitingSince(25, theirs('processing'), {
    workbook: 'theirs',
    parkedMs: 1_000,
  });
  await untilTrouble('UsageUnread');
  state.look = theirs('accepted');
  expect(await file.result()).toMatchObject({ outcome: 'accepted' });
  expect(uploads()).toEqual([]);
});

concurrently.each<[string, Look, string | undefined]>([
  ['as a draft', { stage: 'draft', workbook: '' }, undefined],
  ['as a draft with the workbook', { stage: 'draft', workbook: 'W-1' }, undefined],
  ['with the workbook before', { stage: 'rejected', workbook: 'W-0' }, 'W-0'],
])(
  'a file that Connect still shows %s, a day after its upload, parks; reprocess sends it once more, and nothing else does',
  async (_, look, replaced) => {
    const { file, uploads, untilTrouble, steps } = await waitingSince(25, look, { replaced, parkedMs: 1_000 });
    const { stage, workbook } = look as Exclude<Look, UsageFileStage>;
    const { reason } = await untilTrouble('UsageUnread');
    expect(reason).toMatch(
      new RegExp(`^Connect has not read what was uploaded into UF-1, since .+: it is "${stage}" still`),
    );
    const [first] = await file.chain();
    await file.untilRunAfter(first!);
    await untilTrouble('UsageUnread');
    expect(steps()).not.toContain('uploadUsage');
    await file.untilReprocessed();
    expect(await file.result()).toMatchObject({ outcome: 'accepted' });
    expect(uploads()).toEqual([workbook]);
  },
);

concurrently.each<[string, number, Look]>([
  ['has not been read for less than a day', 23, { stage: 'processing', workbook: 'W-1' }],
  ['is not shown for less than a day', 23, { stage: 'draft', workbook: '' }],
  ['a person has replaced meanwhile', 25, theirs('processing')],
])('a file that %s is waited for', async (_, hours, look) => {
  const { file, uploads } = await waitingSince(hours, look);
  expect(await file.untilStep(READING)).toMatchObject({ phase: 'running' });
  expect(uploads()).toEqual([]);
  await file.terminate();
});

concurrently('whoever asks for a file that was not read for a day gives Connect another', async () => {
  const { file, uploads, untilTrouble, state } = await waitingSince(25, { stage: 'processing', workbook: 'W-1' });
  await untilTrouble('UsageUnread');
  await file.reprocess();
  expect(await file.untilStep(READING)).toMatchObject({ phase: 'running' });
  state.look = { stage: 'accepted', workbook: 'W-1' };
  await file.reprocess();
  expect(await file.result()).toMatchObject({ outcome: 'accepted' });
  expect(uploads()).toEqual([]);
});

concurrently('since when a file is not read is known from run to run, until it is', async () => {
  const waiting: Look = { stage: 'processing', workbook: 'W-1' };
  const { file, untilTrouble, state } = await waitingSince(23, waiting, { parkedMs: 1_000 });
  const nextRunAfter = async (trouble: string) => {
    await untilTrouble(trouble);
    await file.untilRunAfter(await file.runId());
    return (await file.input()) as UsageFileInput;
  };
  const { unread } = (await file.input()) as UsageFileInput;
  await file.untilStep(READING);
  state.isRefused = true;
  await file.reprocess();
  expect(await nextRunAfter('ConnectRejected')).toMatchObject({ unread });
  state.isRefused = false;
  state.look = { stage: 'rejected', workbook: 'W-1' };
  expect((await nextRunAfter('UsageRejected')).unread).toBeUndefined();
  await file.terminate();
});
