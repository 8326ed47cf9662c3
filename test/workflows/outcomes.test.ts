import { describe, expect, test } from '@jest/globals';
import { failure } from '../../activities/failure';
import { FailureType } from '../../src/domain/failure-type';
import { DEFAULT_PATIENCE } from '../../src/domain/request-run';
import {
  type CollectedUsage,
  type NotSelected,
  usageFileId,
  type UsageFinding,
  usageReportId,
} from '../../src/domain/usage';
import { startUsageReport, usageRun } from '../../src/temporal/usage-runs';
import { approves } from '../support/stubbed-worker';
import { RequestRun } from '../support/request-run';
import { useWorkflows } from '../support/use-workflows';
import { waitFor } from '../support/wait-for';

const workflows = useWorkflows();
const params = [{ id: 'subscription_id', value: 'S-1' }];
const first = { again: false };
const errors = { admin_email: 'Enter the e-mail address of an administrator.' };

/** Of a workflow task or an activity, the three events that it leaves. */
const events = (kind: string) => ['SCHEDULED', 'STARTED', 'COMPLETED'].map((event) => `${kind}_TASK_${event}`);

describe('a fulfillment request', () => {
  test('is approved, once what the vendor returned is saved: 23 events', async () => {
    const run = await workflows.start({ askVendor: () => approves(1, params) });
    expect(await run.result()).toEqual({ outcome: 'approved' });
    expect(workflows.calls(run.id)).toEqual([
      ['askVendor'],
      ['saveParams', params, first],
      ['approveRequest', 'TL-1', first],
    ]);

    const step = [...events('ACTIVITY'), ...events('WORKFLOW')];
    const begin = ['WORKFLOW_EXECUTION_STARTED', ...events('WORKFLOW')];
    const history = await run.events(); // its search attributes are part of the start, and cost none
    expect(history).toEqual([...begin, ...step, ...step, ...step, 'WORKFLOW_EXECUTION_COMPLETED']);
    expect(history).toHaveLength(23);
  });

  test('has nothing saved where the vendor returned nothing to save', async () => {
    const run = await workflows.start({ askVendor: () => approves() });
    expect(await run.result()).toEqual({ outcome: 'approved' });
    expect(workflows.calls(run.id)).toEqual([['askVendor'], ['approveRequest', 'TL-1', first]]);
    expect(await run.events()).toHaveLength(17);
  });

  test('is approved with what the vendor says beside the template', async () => {
    const approval = { activationTile: '# Welcome', effectiveDate: '2027-01-01T00:00:00Z' };
    const run = await workflows.start({ askVendor: () => ({ ...approves(), approval }) });
    expect(await run.result()).toEqual({ outcome: 'approved' });
    expect(workflows.calls(run.id)).toEqual([['askVendor'], ['approveRequest', 'TL-1', { ...approval, ...first }]]);
  });

  test('is left alone where somebody else had brought it to its end', async () => {
    const noop = { kind: 'noop', status: 'approved', reason: 'no longer pending' };
    const run = await workflows.start({ askVendor: () => noop });
    expect(await run.result()).toEqual({ outcome: 'noop', status: 'approved', reason: 'no longer pending' });
    expect(workflows.calls(run.id)).toEqual([['askVendor']]);
  });

  const inquire = { kind: 'inquire', params, paramErrors: errors, templateId: 'TL-2' };

  test('goes back to the customer, after its values and errors were saved', async () => {
    const run = await workflows.start({ askVendor: () => inquire });
    expect(await run.result()).toEqual({
      outcome: 'inquired',
      reason: 'admin_email: Enter the e-mail address of an administrator.',
    });
    expect(workflows.calls(run.id)).toEqual([
      ['askVendor'],
      ['saveParams', params, first],
      ['inquireRequest', { paramErrors: errors, templateId: 'TL-2', again: false }],
    ]);
  });

  test('is begun afresh where the customer answered an inquiry whose own answer was lost', async () => {
    const lost = () => {
      throw failure(FailureType.CONNECT_UNAVAILABLE, 'ECONNRESET', { retryAfterMs: 11_000 }); // too long for Temporal alone
    };
    const run = await workflows.start({
      askVendor: (call) => (call === 1 ? inquire : approves()),
      inquireRequest: (call) => (call === 1 ? lost() : 'changed'),
    });
    await run.untilReprocessed();
    expect(await run.result()).toEqual({ outcome: 'approved' });
    expect(workflows.calls(run.id)).toEqual([
      ...[['askVendor'], ['saveParams', params, first]],
      ['inquireRequest', { paramErrors: errors, templateId: 'TL-2', again: false }],
      ['inquireRequest', { paramErrors: errors, templateId: 'TL-2', again: true }],
      ...[['askVendor'], ['approveRequest', 'TL-1', first]],
    ]);
    expect(await run.chain()).toHaveLength(2);
  });

  test.each([
    ['saveParams', params],
    ['approveRequest', []],
  ] as const)('is begun afresh where %s, tried once more, finds another order', async (step, changes) => {
    const basis = ['of the first order'];
    const lost = () => {
      throw failure(FailureType.CONNECT_UNAVAILABLE, 'ECONNRESET', { retryAfterMs: 11_000 }); // too long for Temporal alone
    };
    const run = await workflows.start({
      askVendor: (call) => (call === 1 ? { ...approves(1, [...changes]), basis } : approves()),
      [step]: (call: number) => (call === 1 ? lost() : call === 2 ? 'changed' : 'done'),
    });
    await run.untilReprocessed();
    expect(await run.result()).toEqual({ outcome: 'approved' });
    const tries = workflows.calls(run.id).filter(([name]) => name === step);
    const tried = tries.slice(0, 2).map((call) => call.at(-1));
    expect(tried).toEqual([
      { again: false, basis },
      { again: true, basis },
    ]);
    expect(await run.chain()).toHaveLength(2);
  });

  test('is begun afresh at once where the order is another, then after a pause that is shown and can be cut short', async () => {
    const lost = () => {
      throw failure(FailureType.CONNECT_UNAVAILABLE, 'ECONNRESET', { retryAfterMs: 11_000 });
    };
    // Each run acts once, and looks at its second try.
    const approveRequest = (call: number) => (call > 4 ? 'done' : call % 2 ? lost() : 'changed');
    const run = await workflows.start({ askVendor: () => approves(), approveRequest });
    await run.untilReprocessed();
    await waitFor('the second run', async () => (await run.chain()).length === 2);
    await run.untilReprocessed();
    const { since, nextAttempt } = await run.untilStep('before asking about a changed order');
    expect(Date.parse(nextAttempt!) - Date.parse(since!)).toBe(4_000);
    expect(await run.input()).toMatchObject({ changed: 1 });
    expect(await run.result()).toEqual({ outcome: 'approved' });
    expect(await run.chain()).toHaveLength(3);
  }, 60_000);

  test('is begun afresh at its date where it is pending then already, instead of put off', async () => {
    const plannedDate = new Date(Date.now() + 1500).toISOString();
    const askVendor = () => ({ kind: 'schedule', params: [], plannedDate, plannedBefore: '' });
    const scheduleRequest = (call: number) => (call === 1 ? 'due' : 'done');
    const run = await workflows.start({ askVendor, scheduleRequest });
    expect(await run.result()).toEqual({ outcome: 'scheduled' });
    const once = [['askVendor'], ['scheduleRequest', plannedDate, '', first]];
    expect(workflows.calls(run.id)).toEqual([...once, ...once]);
    expect(await run.chain()).toHaveLength(2);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(plannedDate));
  });

  test("fails with the vendor's reason", async () => {
    const run = await workflows.start({ askVendor: () => ({ kind: 'fail', params: [], reason: 'Not served there.' }) });
    expect(await run.result()).toEqual({ outcome: 'failed', reason: 'Not served there.' });
    expect(workflows.calls(run.id)).toEqual([['askVendor'], ['failRequest', 'Not served there.', first]]);
    expect(await run.currentDetails()).toBe('purchase of PRD-1 for AS-1\n\nEnded: **failed**.\n\n> Not served there.');
  });

  test('ends as gone where Connect no longer has it, whatever the step', async () => {
    const gone = () => {
      throw failure(FailureType.CONNECT_GONE, 'Connect: GET /requests/PR-1 answered 404.');
    };
    const early = await workflows.start({ askVendor: gone });
    const late = await workflows.start({ approveRequest: gone });
    expect(await early.result()).toEqual({ outcome: 'gone' });
    expect(await late.result()).toEqual({ outcome: 'gone' });
  });

  test('can be found by product, subscription, type and phase', async () => {
    const run = await workflows.start();
    await run.result();
    expect(await run.searchAttributes()).toEqual({
      ConnectProductId: 'PRD-1',
      ConnectAssetId: 'AS-1',
      ConnectRequestType: 'purchase',
      ConnectPhase: 'running',
    });
  });

  test('says what it is about, and where it stands, on its page', async () => {
    const run = await workflows.start({ askVendor: () => ({ kind: 'wait', params: [], seconds: 600 }) });
    await run.untilStep('vendor asked to wait');
    expect(await run.currentDetails()).toMatch(/^purchase of PRD-1 for AS-1\n\nAt \*vendor asked to wait\* since 20/);
    await run.cancel();
  });
});

describe('a vendor that asks to wait', () => {
  const waitsOnce = (seconds: number) => (call: number) =>
    call === 1 ? { kind: 'wait', params, seconds } : approves();

  test('is asked again after that time, in a run of its own, with what it returned saved', async () => {
    const run = await workflows.start({ askVendor: waitsOnce(1) });
    expect(await run.result()).toEqual({ outcome: 'approved' });
    expect(workflows.calls(run.id).map(([name]) => name)).toEqual([
      ...['askVendor', 'saveParams', 'askVendor', 'approveRequest'],
    ]);
    expect(await run.events()).toHaveLength(17); // of the last run, which began afresh
  });

  test('shows what it waits for, and until when', async () => {
    const run = await workflows.start({ askVendor: waitsOnce(600) });
    const { since, nextAttempt, ...progress } = await run.untilStep('vendor asked to wait');
    expect(progress).toEqual({ phase: 'running', step: 'vendor asked to wait', reason: '' });
    expect(Date.parse(nextAttempt!) - Date.parse(since!)).toBe(600_000);
    await run.cancel();
  });

  test.each(['update', 'signal'])('is asked at once after reprocess by %s', async (way) => {
    const run = await workflows.start({ askVendor: waitsOnce(600) });
    await run.untilStep('vendor asked to wait');
    if (way === 'update') expect(await run.reprocess()).toBe('tries now: vendor asked to wait');
    else await run.signalReprocess();
    expect(await run.result()).toEqual({ outcome: 'approved' });
  });
});

describe('a tier config request', () => {
  const start = (stubs: Parameters<typeof workflows.start>[0]) => {
    const id = `TCR-${process.hrtime.bigint()}`;
    return workflows.start(stubs, { id, type: 'tier-setup', assetId: 'TC-1' });
  };

  test('is approved by calls of its own', async () => {
    const run = await start({ askVendorForTierConfig: () => approves(1, params) });
    expect(await run.result()).toEqual({ outcome: 'approved' });
    expect(workflows.calls(run.id)).toEqual([
      ...[['askVendorForTierConfig'], ['saveTierParams', params, first], ['approveTierConfigRequest', 'TL-1', first]],
    ]);
  });

  test('goes back with the errors of its parameters, without a template', async () => {
    const run = await start({ askVendorForTierConfig: () => ({ kind: 'inquire', params: [], paramErrors: errors }) });
    expect(await run.result()).toEqual({
      outcome: 'inquired',
      reason: 'admin_email: Enter the e-mail address of an administrator.',
    });
    expect(workflows.calls(run.id)).toEqual([
      ['askVendorForTierConfig'],
      ['inquireTierConfigRequest', { paramErrors: errors, again: false }],
    ]);
  });

  test("fails with the vendor's reason", async () => {
    const run = await start({ askVendorForTierConfig: () => ({ kind: 'fail', params: [], reason: 'No contract.' }) });
    expect(await run.result()).toEqual({ outcome: 'failed', reason: 'No contract.' });
    expect(workflows.calls(run.id)).toEqual([
      ['askVendorForTierConfig'],
      ['failTierConfigRequest', 'No contract.', first],
    ]);
  });

  test('is parked and reprocessed like any other', async () => {
    const refused = (call: number) => {
      if (call === 1) throw failure(FailureType.CONNECT_REJECTED, 'VAL_001');
    };
    const run = await start({ approveTierConfigRequest: refused });
    await run.until('parked');
    await run.reprocess();
    expect(await run.result()).toEqual({ outcome: 'approved' });
  });
});

describe('the usage of a month, of which something is not selected', () => {
  const [period, contractId, fileId] = ['2026-10', 'CRD-1', 'UF-1'];
  const text = 'the contract CRD-1 is denied';
  const notSelected: NotSelected[] = [{ contractId, reason: 'contract', text, records: 4, assets: ['AS-1'] }];

  async function resultOf(productId: string, collected: Partial<CollectedUsage>) {
    const report = { productId, period };
    const collectUsage = () => ({ contracts: [], lost: 0, bad: [], reportedBefore: ['2026-09'], ...collected });
    workflows.stub(usageReportId(report), { collectUsage });
    const { client, taskQueue } = workflows;
    await startUsageReport(client, report, { taskQueue, patience: DEFAULT_PATIENCE });
    return await client.workflow.getHandle(usageReportId(report)).result();
  }

  test('says so; where nothing remains, a month with usage before makes that a finding', async () => {
    const kept = [{ contractId, fileId, status: 'pending' }];
    expect(await resultOf('PRD-DENIED', { notSelected, kept })).toEqual({
      outcome: 'nothing',
      period,
      files: [],
      notSelected,
      kept,
      findings: ['zero'],
    });
  });

  test.each<[string, Partial<CollectedUsage>, UsageFinding[]]>([
    ['a file of a contract that is left out does not stand for the month before', {}, ['skipped']],
    ['nor does it hide that a month is empty', { contracts: [] }, ['zero', 'skipped']],
  ])('%s', async (_, counted, findings) => {
    const contracts = [{ contractId: 'CRD-2', rows: 1, totals: {}, bad: 0 }];
    const collected = { contracts, notSelected, reportedBefore: ['2026-08'], leftOutBefore: ['2026-09'], ...counted };
    expect(await resultOf(`PRD-BEFORE-${findings.length}`, collected)).toMatchObject({ findings });
  });

  test('ends a usage file that is not to be replaced any more, and leaves it as it is', async () => {
    const productId = 'PRD-KEPT';
    const id = usageFileId({ productId, contractId, period });
    const counted = { contractId, rows: 4, totals: {}, bad: 0, notSelected: 0 };
    workflows.stub(id, {
      uploadUsage: (call) =>
        call === 1
          ? { kind: 'sent', fileId, workbook: 'W-1', usage: counted }
          : { kind: 'nothing', bad: 0, notSelected: 4, kept: fileId },
      readUsageStage: () => ({ stage: 'ready', workbook: 'W-1' }),
      checkUsageTotals: () => ({ same: false }),
    });
    await resultOf(productId, { contracts: [counted] });
    await new RequestRun(workflows.client, id).until('parked');
    await new RequestRun(workflows.client, id).reprocess();
    await workflows.client.workflow.getHandle(id).result();
    expect((await usageRun(workflows.client, id))?.result).toEqual({
      outcome: 'nothing',
      fileId,
      bad: 0,
      notSelected: 4,
    });
    expect(workflows.calls(id).map(([name]) => name)).not.toContain('submitUsageFile');
  });
});
