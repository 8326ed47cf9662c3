import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { failure } from '../../activities/failure';
import { FailureType } from '../../src/domain/failure-type';
import { WORKFLOW_TYPE } from '../../src/domain/ids';
import { RECOUNT } from '../../src/domain/messages';
import { DEFAULT_PATIENCE } from '../../src/domain/request-run';
import {
  type CollectedUsage,
  type ContractUsage,
  type UploadResult,
  usageFileId,
  type UsageFileStage,
  usageReportId,
} from '../../src/domain/usage';
import { startUsageReport } from '../../src/temporal/usage-runs';
import { gate } from '../support/gate';
import { RequestRun } from '../support/request-run';
import type { Stubs } from '../support/stubbed-worker';
import { useWorkflows } from '../support/use-workflows';
import { waitFor } from '../support/wait-for';

const worker = useWorkflows();
const concurrently = test.concurrent;
const period = '2026-10';
const contractId = 'CRD-1';
const usage = (rows: number): ContractUsage => ({
  contractId,
  rows,
  totals: { CALLS: { quantity: `${rows}` } },
  bad: 0,
});
const sent = (rows: number, fresh = true): UploadResult => ({ kind: 'sent', fileId: 'UF-1', fresh, ...usage(rows) });

/** A product of its own, whose usage is reported as often as a test likes. What the vendor counts, and what Connect says, is up to the test. */
function product(stubs: Stubs) {
  const productId = `PRD-${randomUUID()}`;
  const of = { productId, period };
  const fileId = usageFileId({ ...of, contractId });
  worker.stub(fileId, stubs);
  const patience = { ...DEFAULT_PATIENCE, quietMs: 0 };
  const reportOf = async (counted: ContractUsage) => {
    const found =
      counted.rows > 0 ? { contracts: [counted] } : { contracts: [], withdrawn: [{ ...counted, totals: {} }] };
    const collectUsage = (): CollectedUsage => ({ ...found, lost: 0, bad: [], reportedBefore: ['2026-09'] });
    worker.stub(usageReportId(of), { collectUsage });
    await startUsageReport(worker.client, of, { taskQueue: worker.taskQueue, patience });
    return await new RequestRun(worker.client, usageReportId(of)).result();
  };
  return {
    file: new RequestRun(worker.client, fileId),
    /** What each was told beside the file. */
    uploads: () => worker.calls(fileId).flatMap(([called, told]) => (called === 'uploadUsage' ? [told] : [])),
    reportOf,
    report: (rows: number) => reportOf(usage(rows)),
  };
}

const WAITING = 'the distributor looks at it';

concurrently(
  'what is corrected while the file is with the distributor is a finding at once, and in the result of what was accepted',
  async () => {
    let stage: UsageFileStage = 'ready';
    const inConnect = { rows: 1, totals: { CALLS: { quantity: '1' } } };
    let same = true;
    const { file, report, uploads } = product({
      uploadUsage: () => sent(1),
      readUsageStage: () => stage,
      submitUsageFile: () => void (stage = 'pending'),
      checkUsageTotals: () => ({ same, ...inConnect }),
    });
    await report(1);
    await file.untilStep(WAITING);
    expect(await file.searchAttributes()).not.toHaveProperty('ConnectFinding');

    same = false;
    expect(await report(2)).toMatchObject({ files: [{ state: 'running', rows: 2 }] });
    await waitFor(
      'the finding',
      () => file.searchAttributes(),
      ({ ConnectFinding: found }) => found === 'differs',
    );

    const difference = ['the vendor reports 2 records, Connect has 1', 'CALLS: the vendor reports 2, Connect has 1'];
    expect((await file.progress()).report).toEqual(difference);
    expect(await file.currentDetails()).toContain(`- ${difference[1]}`);

    same = true;
    await report(1);
    await waitFor(
      'no finding',
      () => file.searchAttributes(),
      ({ ConnectFinding: found }) => found === undefined,
    );

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
    expect(uploads()).toHaveLength(1);
  },
);

concurrently(
  'what is withdrawn while the file is with the distributor is a finding of its run, and the month counts as empty',
  async () => {
    let stage: UsageFileStage = 'ready';
    const { file, report } = product({
      uploadUsage: () => sent(1),
      readUsageStage: () => stage,
      submitUsageFile: () => void (stage = 'pending'),
      checkUsageTotals: (call) => ({ same: call === 1, rows: 1, totals: usage(1).totals }),
    });
    await report(1);
    await file.untilStep(WAITING);
    expect(await report(0)).toMatchObject({ files: [{ contractId, state: 'running', rows: 0 }], findings: ['zero'] });
    await waitFor(
      'the finding',
      () => file.searchAttributes(),
      ({ ConnectFinding: found }) => found === 'differs',
    );
    expect((await file.progress()).report).toEqual([
      'the vendor reports 0 records, Connect has 1',
      'CALLS: the vendor reports none, Connect has 1',
    ]);
    await file.terminate();
  },
);

concurrently('how a file differs stays in sight after a fault that is over', async () => {
  let isDown = false;
  const { file, report } = product({
    uploadUsage: () => sent(2, false),
    readUsageStage: () => {
      if (!isDown) return 'pending';
      throw failure(FailureType.CONNECT_UNAVAILABLE, 'Connect is down', { retryAfterMs: 60_000 });
    },
    checkUsageTotals: () => ({ same: false, rows: 1, totals: { CALLS: { quantity: '1' } } }),
  });
  await report(2);
  await file.untilStep(WAITING);
  isDown = true;
  await file.reprocess();
  await waitFor(
    'the fault',
    () => file.progress(),
    ({ failureType }) => failureType === 'ConnectUnavailable',
  );
  isDown = false;
  await file.reprocess();
  await file.untilStep(WAITING);
  expect((await file.progress()).report).toContain('CALLS: the vendor reports 2, Connect has 1');
  expect(await file.currentDetails()).toContain('CALLS: the vendor reports 2, Connect has 1');
  await file.terminate();
});

concurrently('what is corrected after the file was accepted is a finding of the run that finds it so', async () => {
  const inConnect = { rows: 1, totals: { CALLS: { quantity: '1' } } };
  const { file, report } = product({
    uploadUsage: () => sent(2, false),
    checkUsageTotals: () => ({ same: false, ...inConnect }),
  });
  await report(2);
  expect(await file.result()).toMatchObject({ outcome: 'accepted', rows: 2, differs: true, inConnect });
  expect(await file.searchAttributes()).toMatchObject({ ConnectFinding: 'differs' });
});

concurrently(
  'a file of which nothing is left when it is built anew has been taken back, and that is its end',
  async () => {
    const { file, report } = product({
      uploadUsage: (call) => (call === 1 ? sent(2, false) : { kind: 'nothing', bad: 0 }),
      readUsageStage: () => 'ready',
      checkUsageTotals: () => ({ same: false, rows: 3, totals: {} }),
    });
    await report(2);
    expect(await file.result()).toMatchObject({ outcome: 'nothing', bad: 0 });
  },
);

concurrently('what is corrected before the file is submitted is sent anew', async () => {
  let stage: UsageFileStage = 'processing';
  const { file, report, uploads } = product({
    uploadUsage: (call) => sent(call),
    readUsageStage: () => stage,
    submitUsageFile: () => void (stage = 'accepted'),
    checkUsageTotals: () => ({ same: uploads().length === 2, ...usage(1) }),
  });
  await report(1);
  await file.untilStep('Connect reads the workbook');
  await report(2);
  stage = 'ready';
  expect(await file.result()).toMatchObject({ outcome: 'accepted', rows: 2, differs: false });
  expect(uploads()).toEqual([{ anew: false }, { anew: true }]);
});

concurrently('what is corrected while the totals are compared is not submitted uncorrected', async () => {
  const comparing = gate();
  let submits = 0;
  const { file, report, uploads } = product({
    uploadUsage: (call) => sent(call),
    readUsageStage: () => (submits === 0 ? 'ready' : 'accepted'),
    checkUsageTotals: async (call) => {
      if (call === 1) await comparing.pass();
      return { same: true, ...usage(call) };
    },
    submitUsageFile: () => void (submits += 1),
  });
  await report(1);
  await comparing.reached;
  await report(2);
  comparing.open();
  expect(await file.result()).toMatchObject({ outcome: 'accepted', rows: 2, differs: false });
  expect(uploads()).toEqual([{ anew: false }, { anew: true }]);
  expect(submits).toBe(1);
});

const digests = (records: string) => ({ records, shares: records });
/** What a report counted, and what was uploaded of it. */
const counting = (rows: number, records: string) => ({ ...usage(rows), digests: digests(records) });
const uploaded = (rows: number, records: string): UploadResult => ({
  kind: 'sent',
  fileId: 'UF-1',
  fresh: true,
  uploaded: records,
  ...counting(rows, records),
});

concurrently(
  'a file that is counted anew, and is the same, is left alone; one whose records are others is sent anew',
  async () => {
    let stage: UsageFileStage = 'processing';
    const { file, reportOf, uploads } = product({
      uploadUsage: (call) => uploaded(1, call === 1 ? 'first' : 'second'),
      readUsageStage: () => stage,
      submitUsageFile: () => void (stage = 'accepted'),
      checkUsageTotals: () => ({ same: true, ...usage(1) }),
    });
    await reportOf(counting(1, 'first'));
    await file.untilStep('Connect reads the workbook');
    await reportOf(counting(1, 'first'));
    expect(uploads()).toHaveLength(1);
    await reportOf(counting(1, 'second')); // the same sums
    stage = 'ready';
    expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: false });
    expect(uploads()).toEqual([{ anew: false }, { anew: true }]);
  },
);

concurrently('a bad record that is counted before the file is submitted holds it back', async () => {
  let stage: UsageFileStage = 'processing';
  let submits = 0;
  const { file, reportOf } = product({
    uploadUsage: (call) => {
      if (call === 2) throw failure(FailureType.USAGE_REFUSED, 'one bad record');
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

concurrently.each([
  [{ bad: 1, heldBack: true }, "1 more records of the vendor's are bad"],
  [{ digests: digests('others') }, 'the sums are the same; the subscriptions, times or categories are not'],
])(
  'a file that is with the distributor differs where %j is counted, though its sums are the same',
  async (change, line) => {
    let stage: UsageFileStage = 'ready';
    const { file, reportOf } = product({
      uploadUsage: () => uploaded(1, 'good'),
      readUsageStage: () => stage,
      submitUsageFile: () => void (stage = 'pending'),
      checkUsageTotals: () => ({ same: true, ...usage(1) }),
    });
    await reportOf(counting(1, 'good'));
    await file.untilStep(WAITING);
    await reportOf({ ...counting(1, 'good'), ...change });
    const findingIs = (wanted: unknown) =>
      waitFor(
        `the finding ${String(wanted)}`,
        () => file.searchAttributes(),
        ({ ConnectFinding: found }) => found === wanted,
      );
    await findingIs('differs');
    expect((await file.progress()).report).toEqual(['the vendor reports 1 records, Connect has 1', line]);
    await reportOf(counting(1, 'good'));
    await findingIs(undefined);

    stage = 'accepted';
    await reportOf({ ...counting(1, 'good'), ...change });
    expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: true });
  },
);

concurrently('what is withdrawn while the submission fails is not submitted', async () => {
  let submits = 0;
  const { file, report, reportOf } = product({
    uploadUsage: (call) => (call === 1 ? uploaded(1, 'good') : { kind: 'nothing', bad: 0 }),
    readUsageStage: () => 'ready',
    submitUsageFile: () => {
      submits += 1;
      throw failure(FailureType.CONNECT_UNAVAILABLE, 'Connect is down', { retryAfterMs: 600_000 });
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
    expect(uploads()).toEqual([{ anew: false }, { anew: false }]);

    const other = product({ uploadUsage: () => uploaded(1, 'good'), readUsageStage: () => 'deleted' });
    await other.reportOf(counting(1, 'good'));
    expect(await other.file.result()).toEqual({ outcome: 'deleted', fileId: 'UF-1' });
    expect(other.uploads()).toHaveLength(1);
  },
);

concurrently('a submission that Connect takes and does not show yet is not made again at once', async () => {
  let submits = 0;
  const { file, reportOf } = product({
    uploadUsage: () => uploaded(1, 'good'),
    readUsageStage: () => (submits < 2 ? 'ready' : 'accepted'),
    submitUsageFile: () => void (submits += 1),
  });
  await reportOf(counting(1, 'good'));
  await file.untilStep('Connect hands it to the distributor');
  expect(submits).toBe(1);
  await reportOf(counting(1, 'good')); // the same, which changes nothing
  await file.untilStep('Connect hands it to the distributor');
  expect(submits).toBe(1);
  expect(await file.result()).toMatchObject({ outcome: 'accepted' });
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
      throw failure(FailureType.USAGE_REFUSED, 'one bad record');
    },
  });
  await reportOf({ ...counting(1, 'good'), bad: 1, heldBack: true });
  await building.reached;
  await reportOf(counting(1, 'good'));
  building.open();
  expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: false });
  expect(uploads()).toHaveLength(2);
});

const found = (rows: number, records: string): UploadResult => ({
  kind: 'sent',
  fileId: 'UF-1',
  fresh: false,
  ...counting(rows, records),
});

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
    checkUsageTotals: () => ({ same: false, rows: 2, totals: {} }),
  });
  await reportOf(counting(1, 'good'));
  expect(await file.until('parked')).toMatchObject({ failureType: 'UsageMismatch' });
  await file.reprocess();
  expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: false });
  expect(uploads()).toEqual([{ anew: false }, { anew: false }, { anew: true }]);
});

const isRefused = () => {
  throw failure(FailureType.CONNECT_REJECTED, 'the key lacks a right');
};

concurrently(
  'that others were counted is known of a file that is found accepted before they could be uploaded',
  async () => {
    let stage: UsageFileStage = 'ready';
    const { file, reportOf } = product({
      uploadUsage: (call) => {
        if (call === 1) return uploaded(1, 'good');
        stage = 'accepted';
        return found(1, 'others');
      },
      readUsageStage: () => stage,
      checkUsageTotals: () => ({ same: true, ...usage(1) }),
    });
    await reportOf(counting(1, 'good'));
    await file.untilStep('Connect hands it to the distributor');
    await reportOf(counting(1, 'others'));
    expect(await file.result()).toMatchObject({ outcome: 'accepted', differs: true });
  },
);

concurrently('after Connect has refused the submission, reprocess builds a corrected workbook', async () => {
  let submits = 0;
  const { file, reportOf, uploads } = product({
    uploadUsage: (call) => (call === 2 ? found(1, 'bad') : uploaded(1, call === 1 ? 'bad' : 'corrected')),
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
  expect(uploads()).toEqual([{ anew: false }, { anew: false }, { anew: true }]);
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
  let isDown = false;
  const { file, reportOf } = product({
    uploadUsage: (call) => (call === 1 ? uploaded(1, 'good') : found(1, 'good')),
    readUsageStage: () => (isDown ? isRefused() : stage),
    submitUsageFile: () => void (stage = 'pending'),
    checkUsageTotals: (call) => ({ same: call === 1, rows: call === 1 ? 1 : 5, totals: {} }),
  });
  await reportOf(counting(1, 'good'));
  await file.untilStep(WAITING);
  isDown = true;
  await file.reprocess();
  await file.until('parked');
  isDown = false;
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
    let isDown = false;
    worker.stub(id, {
      uploadUsage: () => found(1, 'others'),
      readUsageStage: () => (isDown ? isRefused() : stage),
      checkUsageTotals: () => ({ same: true, ...usage(1) }),
    });
    const input = { ...of, usage: counting(1, 'good'), sent: uploaded(1, 'good') };
    const run = { workflowId: id, taskQueue: worker.taskQueue, args: [input] };
    const handle = await worker.client.workflow.start(WORKFLOW_TYPE.usageFile, run);
    const file = new RequestRun(worker.client, id);
    await file.untilStep(WAITING);
    await handle.signal(RECOUNT, counting(1, 'others'));
    isDown = true;
    await file.until('parked');
    isDown = false;
    stage = 'accepted';
    await file.reprocess();
    expect(await file.result()).toMatchObject({ differs: true });
  },
);

concurrently('what was corrected for reprocess is what the file should say from then on', async () => {
  let stage: UsageFileStage = 'ready';
  let isDown = false;
  const { file, reportOf } = product({
    uploadUsage: (call) => {
      if (call === 1) throw failure(FailureType.USAGE_REFUSED, 'one bad record');
      return uploaded(2, 'corrected');
    },
    readUsageStage: () => (isDown ? isRefused() : stage),
    submitUsageFile: () => void (stage = 'pending'),
    checkUsageTotals: () => ({ same: true, ...usage(2) }),
  });
  await reportOf({ ...counting(1, 'good'), bad: 1, heldBack: true });
  await file.until('parked');
  await file.reprocess();
  await file.untilStep(WAITING);
  isDown = true;
  await file.reprocess();
  await file.until('parked');
  isDown = false;
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
    const { file, report, uploads } = product({
      uploadUsage: (call) => (call === 2 ? parks(FailureType.USAGE_REFUSED) : sent(1)),
      readUsageStage: (call) => (call === 1 ? parks(FailureType.USAGE_INVALID) : 'accepted'),
    });
    await report(1);
    for (const failureType of ['UsageInvalid', 'UsageRefused']) {
      await waitFor(
        failureType,
        () => file.progress(),
        (progress) => progress.failureType === failureType,
      );
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

concurrently.each([
  [[usage(1)], 'What became of the others, the run of each file says.'],
  [[], 'There are no others.'],
])(
  'a report with records of no subscription does not say that others went out: with the contracts %j',
  async (contracts, others) => {
    const of = { productId: `PRD-${randomUUID()}`, period };
    worker.stub(usageReportId(of), {
      collectUsage: (): CollectedUsage => ({ contracts, lost: 2, bad: [], reportedBefore: [] }),
    });
    await startUsageReport(worker.client, of, { taskQueue: worker.taskQueue, patience: DEFAULT_PATIENCE });
    const report = new RequestRun(worker.client, usageReportId(of));
    const { failureType, reason } = await report.until('parked');
    const expected = `2 of the vendor's usage records belong to no subscription of this product, and so to no usage file. ${others}`;
    expect([failureType, reason]).toEqual(['UsageRefused', expected]);
    await report.terminate();
  },
);
