import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { failure } from '../../activities/failure';
import { FailureType } from '../../src/domain/failure-type';
import { WORKFLOW_TYPE } from '../../src/domain/ids';
import { RECOUNT } from '../../src/domain/messages';
import { DEFAULT_PATIENCE } from '../../src/domain/request-run';
import { usageFileId, type UsageFileStage } from '../../src/domain/usage';
import { gate } from '../support/gate';
import { RequestRun } from '../support/request-run';
import type { Stub } from '../support/stubbed-worker';
import {
  contractId,
  counting,
  digests,
  found,
  isDown,
  isRefused,
  period,
  refuses,
  sent,
  uploaded,
  usage,
  useUsageFiles,
  WAITING,
} from '../support/use-usage-files';
import { waitFor } from '../support/wait-for';

const { product, worker } = useUsageFiles();
const concurrently = test.concurrent;

concurrently('that a file differs by more than its sums is known after a park too', async () => {
  let stage: UsageFileStage = 'ready';
  let isRefused = false;
  const { file, reportOf } = product({
    uploadUsage: (call) => (call === 1 ? uploaded(1, 'good') : found(1, 'others')),
    readUsageStage: () => {
      if (isRefused) throw failure(FailureType.CONNECT_REJECTED, 'the key lacks a right');
      return stage;
    },
    submitUsageFile: () => void (stage = 'pending'),
    checkUsageTotals: () => ({ same: true, ...usage(1) }),
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
  const { file, reportOf, uploads } = product({
    uploadUsage: (call) => (call === 2 ? found(1, 'good') : uploaded(1, 'good')),
    readUsageStage: () => (uploads().length < 3 ? 'ready' : 'accepted'),
    checkUsageTotals: () => ({ same: uploads().length > 2, rows: 2, totals: {} }),
  });
  await reportOf(counting(1, 'good'));
  expect(await file.until('parked')).toMatchObject({ failureType: 'UsageMismatch' });
  await file.reprocess();
  expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: false });
  expect(uploads()).toEqual([{ anew: false }, { anew: false }, { anew: true }]);
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
  expect(uploads()).toEqual([{ anew: false }, { anew: true }]);
});

concurrently('of an upload whose fate is not known nothing is submitted for what was uploaded before', async () => {
  let inConnect = '';
  let stage: UsageFileStage = 'processing';
  const submitted: string[] = [];
  const { file, reportOf } = product({
    uploadUsage: (call) => {
      if (call === 3) return found(1, 'first');
      inConnect = call === 2 ? 'second' : 'first';
      return call === 2 ? isRefused() : uploaded(1, 'first'); // the second arrives, and its answer does not
    },
    readUsageStage: () => (submitted.length > 0 ? 'accepted' : stage),
    submitUsageFile: () => void submitted.push(inConnect),
  });
  await reportOf(counting(1, 'first'));
  await file.untilStep('Connect reads the workbook');
  stage = 'ready';
  await reportOf(counting(1, 'second'));
  await file.until('parked');
  await reportOf(counting(1, 'first'));
  await file.reprocess();
  await file.result();
  expect(submitted).toEqual(['first']);
});

concurrently('what the distributor has is compared after a park', async () => {
  let stage: UsageFileStage = 'ready';
  let fails = false;
  const { file, reportOf } = product({
    uploadUsage: (call) => (call === 1 ? uploaded(1, 'good') : found(1, 'good')),
    readUsageStage: () => (fails ? isRefused() : stage),
    submitUsageFile: () => void (stage = 'pending'),
    checkUsageTotals: (call) => ({ same: call === 1, rows: call === 1 ? 1 : 5, totals: {} }),
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
    const of = { productId: `PRD-${randomUUID()}`, period, contractId };
    const id = usageFileId(of);
    let stage: UsageFileStage = 'pending';
    let fails = false;
    worker.stub(id, {
      uploadUsage: () => found(1, 'others'),
      readUsageStage: () => (fails ? isRefused() : stage),
      checkUsageTotals: () => ({ same: true, ...usage(1) }),
    });
    const input = { ...of, usage: counting(1, 'good'), sent: uploaded(1, 'good') };
    const run = { workflowId: id, taskQueue: worker.taskQueue, args: [input] };
    const handle = await worker.client.workflow.start(WORKFLOW_TYPE.usageFile, run);
    const file = new RequestRun(worker.client, id);
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
    checkUsageTotals: () => ({ same: true, ...usage(2) }),
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
  expect(await file.input()).not.toHaveProperty('usage.uploaded'); // or a file that is found would count as uploaded by this run
});

concurrently(
  'a file in which Connect finds invalid records gets a new workbook after reprocess, at whatever step it parks meanwhile',
  async () => {
    const parks = (type: FailureType) => {
      throw failure(type, 'somebody has to look');
    };
    const { file, report, uploads, untilTrouble } = product({
      uploadUsage: (call) => (call === 2 ? parks(FailureType.USAGE_REFUSED) : sent(1)),
      readUsageStage: (call) => (call === 1 ? parks(FailureType.USAGE_INVALID) : 'accepted'),
    });
    await report(1);
    for (const failureType of ['UsageInvalid', 'UsageRefused']) {
      await untilTrouble(failureType);
      await file.reprocess();
    }
    expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: false });
    expect(uploads()).toEqual([{ anew: false }, { anew: true }, { anew: true }]);
  },
);

concurrently('a file that was rejected takes a corrected workbook without being told to', async () => {
  const { file, report, uploads } = product({
    uploadUsage: () => sent(1),
    readUsageStage: (call) => {
      if (call === 1) throw failure(FailureType.USAGE_REJECTED, 'twice the usual');
      return 'accepted';
    },
  });
  await report(1);
  await file.until('parked');
  await file.reprocess();
  await file.result();
  expect(uploads()).toEqual([{ anew: false }, { anew: false }]);
});

const rejected = () => {
  throw failure(FailureType.USAGE_REJECTED, 'twice the usual');
};
/** Parks a run whose file is with the distributor; the next look, whenever that is, finds it otherwise. */
const parkedThen =
  (after: () => unknown): Stub =>
  (call) => {
    if (call > 3) return 'accepted';
    return call === 1 ? 'pending' : call === 2 ? isRefused() : after();
  };

concurrently.each([
  ['its time has come', 1_000],
  ['somebody asks', DEFAULT_PATIENCE.parkedMs],
])('what was rejected while the run was parked for something else is for a person first: %s', async (_, parkedMs) => {
  const stubs = { uploadUsage: () => uploaded(1, 'good'), readUsageStage: parkedThen(rejected) };
  const { file, reportOf, uploads, untilTrouble } = product(stubs, { parkedMs });
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
      return uploads().length === 1 ? rejected() : 'accepted';
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

const deletedWhileParked = {
  uploadUsage: () => uploaded(1, 'good'),
  readUsageStage: parkedThen(() => 'deleted'),
};

concurrently('a file that a person has deleted while its run was parked is not made again by itself', async () => {
  const { file, reportOf, uploads } = product(deletedWhileParked, { parkedMs: 1_000 });
  await reportOf(counting(1, 'good'));
  await file.untilStep(WAITING);
  await file.reprocess();
  expect(await file.result()).toEqual({ outcome: 'deleted', fileId: 'UF-1' });
  expect(uploads()).toHaveLength(1);
});

concurrently.each(['reprocess', 'report'])('it is, where somebody asks for it meanwhile by %s', async (asks) => {
  const parkedMs = asks === 'report' ? 10_000 : DEFAULT_PATIENCE.parkedMs;
  const { file, reportOf, uploads } = product(deletedWhileParked, { parkedMs });
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
  const isGone = () => {
    throw failure(FailureType.CONNECT_GONE, 'UF-1 does not exist in Connect');
  };
  const { file, reportOf, uploads, steps } = product(
    {
      uploadUsage: () => uploaded(1, 'good'),
      readUsageStage: (call) => (call === 1 || uploads().length > 1 ? stage : isGone()),
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

concurrently('what earlier code has handed on of an upload is heeded', async () => {
  const of = { productId: `PRD-${randomUUID()}`, period, contractId };
  const id = usageFileId(of);
  worker.stub(id, {
    uploadUsage: () => found(1, 'others'),
    checkUsageTotals: () => ({ same: true, ...usage(1) }),
  });
  const input = { ...of, usage: counting(1, 'others'), known: { fileId: 'UF-1', uploaded: 'good' } };
  const run = { workflowId: id, taskQueue: worker.taskQueue, args: [input] };
  await worker.client.workflow.start(WORKFLOW_TYPE.usageFile, run);
  expect(await new RequestRun(worker.client, id).result()).toMatchObject({ outcome: 'accepted', differs: true });
});
