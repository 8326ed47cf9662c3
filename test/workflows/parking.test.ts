import { describe, expect, test } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { failure } from '../../activities/failure';
import { FAILURES, FailureType } from '../../src/domain/failure-type';
import { gate } from '../support/gate';
import { approves } from '../support/stubbed-worker';
import { useWorkflows } from '../support/use-workflows';
import { waitFor } from '../support/wait-for';

const workflows = useWorkflows();
const concurrently = test.concurrent;

const REFUSED = 'Connect: POST /requests/PR-1/approve answered 400, VAL_001: admin_email is required.';

function isRefused(): never {
  throw failure(FailureType.CONNECT_REJECTED, REFUSED);
}
const refusedOnce = { approveRequest: (call: number) => (call === 1 ? isRefused() : undefined) };
const patience = { quietMs: 60_000, retryMs: 3_600_000, parkedMs: 7_200_000 };

describe('a step that cannot go on', () => {
  concurrently('parks the run at once, in sight: phase, reason, what to do, and when it starts afresh', async () => {
    const run = await workflows.start(refusedOnce, { patience });
    const { since, nextAttempt, ...progress } = await run.until('parked');
    expect(progress).toEqual({
      phase: 'parked',
      step: 'approve',
      reason: REFUSED,
      failureType: 'ConnectRejected',
    });
    expect(Date.parse(nextAttempt!) - Date.parse(since!)).toBe(patience.parkedMs);
    expect(workflows.calls(run.id)).toEqual([
      ['askVendor'],
      ['approveRequest', 'TL-1', { again: false }],
      ['readStatus'],
    ]);
    expect(await run.status()).toBe('RUNNING');
    expect(await run.searchAttributes()).toMatchObject({ ConnectPhase: 'parked', ConnectReason: REFUSED });
    expect((await run.currentDetails()).split('\n')).toEqual([
      ...['purchase of PRD-1 for AS-1', ''],
      ...[`**parked** at *approve* since ${since}`, ''],
      ...[`> ConnectRejected: ${REFUSED}`, ''],
      ...[FAILURES.ConnectRejected.action, ''],
      `Next attempt by itself: ${nextAttempt}. To try now, send the signal or update \`reprocess\`.`,
    ]);
    await run.cancel();
  });

  concurrently.each([
    ['until the date, where that is within the day', 3_600_000, 3_600_000],
    ['for a day, where the date is later', 30 * 86_400_000, patience.parkedMs],
    ['for five minutes, where the date is near: a vendor may count it from now, each time', 1_000, 300_000],
  ])('parks what Connect refuses to put off %s', async (_, aheadMs, parkedMs) => {
    const plannedDate = new Date(Date.now() + aheadMs).toISOString();
    const run = await workflows.start(
      {
        askVendor: (call) =>
          call === 1 ? { kind: 'schedule', params: [], plannedDate, plannedBefore: '' } : approves(call),
        scheduleRequest: isRefused,
      },
      { patience },
    );
    const { step, since, nextAttempt } = await run.until('parked');
    expect(step).toBe('schedule');
    if (parkedMs === aheadMs) expect(nextAttempt).toBe(plannedDate);
    else expect(Date.parse(nextAttempt!) - Date.parse(since!)).toBe(parkedMs);
    await run.cancel();
  });

  concurrently('parks it at the first failure where no patience is left for any', async () => {
    const run = await workflows.start(
      { askVendor: () => { throw failure(FailureType.CONNECT_UNAVAILABLE, 'down', { retryAfterMs: 60_000 }); } }, // prettier-ignore
      { patience: { retryMs: 0 } },
    );
    expect(await run.until('parked')).toMatchObject({ step: 'ask vendor', failureType: 'ConnectUnavailable' });
    await run.cancel();
  });

  concurrently('parks it too where its type of failure is unknown and says that it is final: Internal', async () => {
    const strange = () => {
      throw Object.assign(failure(FailureType.CONNECT_REJECTED, 'by a newer version'), { type: 'FromTheFuture' });
    };
    const run = await workflows.start({ approveRequest: strange });
    expect(await run.until('parked')).toMatchObject({ failureType: 'Internal', reason: 'by a newer version' });
    await run.cancel();
  });

  concurrently(
    'cuts a reason that is longer than a search attribute may be, and shows it whole in the details',
    async () => {
      const long = 'x'.repeat(400);
      const run = await workflows.start({
        approveRequest: () => {
          throw failure(FailureType.CONNECT_REJECTED, long);
        },
      });
      await run.until('parked');
      expect(await run.searchAttributes()).toMatchObject({ ConnectReason: long.slice(0, 255) });
      expect(await run.currentDetails()).toContain(long);
      await run.cancel();
    },
  );
});

describe('a parked run', () => {
  concurrently.each(['update', 'signal', 'signal without an argument', 'time'])('starts afresh by %s', async (way) => {
    const { reached, pass, open } = gate();
    const run = await workflows.start(
      { ...refusedOnce, askVendor: async (call) => (call === 1 ? approves() : (await pass(), approves())) },
      { patience: { ...patience, parkedMs: way === 'time' ? 300 : patience.parkedMs }, handlerSeconds: 90 },
    );
    const input = await run.input();
    const parked = await run.runId();
    if (way !== 'time') await run.until('parked');
    if (way === 'update') expect(await run.reprocess()).toBe('starts afresh after: approve');
    if (way === 'signal') await run.signalReprocess({ by: 'anna' });
    if (way === 'signal without an argument') await run.signalReprocess();

    await reached; // the vendor is asked again
    expect(await run.runId()).not.toBe(parked);
    expect((await run.events(parked)).at(-1)).toBe('WORKFLOW_EXECUTION_CONTINUED_AS_NEW');
    expect(await run.progress()).toEqual({ phase: 'running', step: 'ask vendor', reason: '' });
    expect(await run.searchAttributes()).toEqual({
      ConnectProductId: 'PRD-1',
      ConnectAssetId: 'AS-1',
      ConnectRequestType: 'purchase',
      ConnectPhase: 'running',
    });
    expect(await run.currentDetails()).toBe('purchase of PRD-1 for AS-1\n\nAt *ask vendor*.');
    expect((await run.currentDetails(parked)).split('\n')).toEqual([
      ...['purchase of PRD-1 for AS-1', ''],
      ...[expect.stringMatching(/^Was \*\*parked\*\* at \*approve\* since 20\S+Z, and went on in the next run\.$/), ''],
      `> ConnectRejected: ${REFUSED}`,
    ]);
    expect(await run.input()).toEqual(input);
    expect(input).toMatchObject({ id: run.id, handlerSeconds: 90, patience: { quietMs: 60_000, retryMs: 3_600_000 } });
    open();
    expect(await run.result()).toEqual({ outcome: 'approved' });
    expect(await run.currentDetails()).toBe('purchase of PRD-1 for AS-1\n\nEnded: **approved**.');
  });

  concurrently('is parked again where nothing was mended', async () => {
    const run = await workflows.start({ approveRequest: isRefused });
    await run.until('parked');
    const first = await run.runId();
    await run.reprocess();
    await run.untilRunAfter(first);
    await run.until('parked');
    expect(workflows.calls(run.id).map(([name]) => name)).toEqual([
      ...['askVendor', 'approveRequest', 'readStatus'],
      ...['askVendor', 'approveRequest', 'readStatus'],
    ]);
    await run.cancel();
  });

  concurrently('accepts reprocess from two people at once, and starts afresh once', async () => {
    const run = await workflows.start(refusedOnce);
    await run.until('parked');
    const answers = await Promise.all([run.signalReprocess(), run.signalReprocess(), run.signalReprocess()]);
    expect(answers).toHaveLength(3);
    expect(await run.result()).toEqual({ outcome: 'approved' });
    const asked = workflows.calls(run.id).filter(([name]) => name === 'askVendor');
    expect(asked).toHaveLength(2);
  });

  concurrently('starts afresh at once where reprocess came while the attempt was failing', async () => {
    const { reached, pass, open } = gate();
    const run = await workflows.start(
      {
        approveRequest: async (call) => {
          if (call === 1) throw failure(FailureType.CONNECT_UNAVAILABLE, 'down', { retryAfterMs: 60_000 });
          if (call > 2) return;
          await pass();
          isRefused();
        },
      },
      { patience: { quietMs: 0 } },
    );
    await run.until('retrying');
    await run.reprocess();
    await reached;
    await run.reprocess();
    open();
    expect(await run.result()).toEqual({ outcome: 'approved' });
  });
});

describe('a cancelled run ends, whatever it was doing:', () => {
  async function expectCancelled(run: Awaited<ReturnType<typeof workflows.start>>) {
    const end = await run.result().catch((error: unknown) => error);
    expect(end).toBeInstanceOf(WorkflowFailedError);
    expect((end as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
    expect(await run.status()).toBe('CANCELLED');
  }

  concurrently('parked', async () => {
    const run = await workflows.start({ approveRequest: isRefused });
    await run.until('parked');
    await run.cancel();
    await expectCancelled(run);
  });

  concurrently('resting before the next attempt', async () => {
    const isDown = () => {
      throw failure(FailureType.CONNECT_UNAVAILABLE, 'down', { retryAfterMs: 60_000 });
    };
    const run = await workflows.start({ askVendor: isDown }, { patience: { quietMs: 0 } });
    await run.until('retrying');
    await run.cancel();
    await expectCancelled(run);
  });

  concurrently('waiting for the vendor', async () => {
    const run = await workflows.start({ askVendor: () => ({ kind: 'wait', params: [], seconds: 600 }) });
    await run.untilStep('vendor asked to wait');
    await run.cancel();
    await expectCancelled(run);
  });

  concurrently.each([
    ['succeeds', () => approves()],
    ['fails', isRefused],
  ])('in a step that %s all the same: no other follows, and it is not parked', async (_, outcome) => {
    const { reached, pass, open } = gate();
    const run = await workflows.start({ askVendor: async () => (await pass(), outcome()) });
    await reached;
    await run.cancel();
    const cancelled = (events: string[]) => events.includes('ACTIVITY_TASK_CANCEL_REQUESTED');
    await waitFor('the workflow to hear of it', () => run.events(), cancelled);
    open();
    await expectCancelled(run);
    expect(workflows.calls(run.id)).toEqual([['askVendor']]);
    expect(await run.searchAttributes()).toMatchObject({ ConnectPhase: 'running' });
  });
});
