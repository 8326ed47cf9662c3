import { describe, expect, test } from '@jest/globals';
import { failure } from '../../activities/failure';
import { FAILURES, FailureType } from '../../src/domain/failure-type';
import { gate } from '../support/gate';
import { approves } from '../support/stubbed-worker';
import { useWorkflows } from '../support/use-workflows';
import { waitFor } from '../support/wait-for';

const workflows = useWorkflows();
const concurrently = test.concurrent;
type Run = Awaited<ReturnType<typeof workflows.start>>;

const refuses = () => ({ kind: 'fail', params: [], reason: 'No.' });
const waits = () => ({ kind: 'wait', params: [], seconds: 3_600 });
const stays = () => {
  throw failure(FailureType.RELEASE_FAILED, 'not given back yet', { retryAfterMs: 60_000 });
};
const isDown = () => {
  throw failure(FailureType.CONNECT_UNAVAILABLE, 'down', { retryAfterMs: 60_000 });
};
const isRefused = () => {
  throw failure(FailureType.CONNECT_REJECTED, 'refused');
};
const isGone = () => {
  throw failure(FailureType.CONNECT_GONE, 'gone');
};
const namesOf = ({ id }: Run) => workflows.calls(id).map(([name]) => name);
const untilHeard = (run: Run) =>
  waitFor(
    'the workflow to hear of it',
    () => run.events(),
    (events) => events.includes('WORKFLOW_EXECUTION_CANCEL_REQUESTED'),
  );
const untilCancelled = (run: Run) => waitFor('its end', async () => (await run.status()) === 'CANCELLED');

describe('a purchase whose vendor gives back what it made', () => {
  const start = (stubs: Parameters<typeof workflows.start>[0], options = {}) =>
    workflows.start(stubs, { releases: true, ...options });

  concurrently('is given back nothing, and costs nothing more, where it is approved: 17 events', async () => {
    const run = await start({ askVendor: () => approves() });
    expect(await run.result()).toEqual({ outcome: 'approved' });
    expect(namesOf(run)).toEqual(['askVendor', 'approveRequest']);
    expect(await run.events()).toHaveLength(17);
  });

  concurrently('has it given back after Connect was told that it failed', async () => {
    const run = await start({ askVendor: refuses });
    expect(await run.result()).toEqual({ outcome: 'failed', reason: 'No.', release: 'released' });
    expect(namesOf(run)).toEqual(['askVendor', 'failRequest', 'releasePurchase']);
  });

  concurrently.each(['failed', 'revoked'])('has it given back where somebody else has %s it', async (status) => {
    const run = await start({ askVendor: () => ({ kind: 'noop', status, reason: '' }) });
    expect(await run.result()).toMatchObject({ outcome: 'noop', status, release: 'released' });
    expect(namesOf(run)).toEqual(['askVendor', 'releasePurchase']);
  });

  concurrently('has it given back where that is heard of while it waits', async () => {
    const run = await start({ askVendor: waits, readStatus: () => 'failed' });
    await run.untilStep('vendor asked to wait');
    await run.signalRecheck();
    expect(await run.result()).toMatchObject({ outcome: 'noop', status: 'failed', release: 'released' });
  });

  concurrently.each(['approved', 'inquiring', 'pending', 'other'])('keeps it where it is found %s', async (status) => {
    const run = await start({ askVendor: () => ({ kind: 'noop', status, reason: '' }) });
    expect(await run.result()).toEqual({ outcome: 'noop', status, reason: '' });
    expect(namesOf(run)).toEqual(['askVendor']);
  });

  concurrently('leaves it where the request is gone from Connect', async () => {
    const run = await start({ askVendor: refuses, releasePurchase: isGone });
    expect(await run.result()).toEqual({ outcome: 'failed', reason: 'No.' });
  });

  describe('that cannot be given back', () => {
    concurrently('is parked, in sight, and goes on with nothing else: until it is done', async () => {
      const run = await start(
        { askVendor: refuses, releasePurchase: (call) => (call < 3 ? stays() : 'released') },
        { patience: { retryMs: 0 } },
      );
      for (const attempts of [1, 2]) {
        await waitFor(
          'an attempt',
          () => namesOf(run).filter((name) => name === 'releasePurchase').length === attempts,
        );
        expect(await run.until('parked')).toMatchObject({ step: 'release', failureType: 'ReleaseFailed' });
        expect(await run.currentDetails()).toContain(FAILURES.ReleaseFailed.action);
        await run.signalRecheck();
        const parked = await run.runId();
        expect(await run.reprocess()).toBe('starts afresh after: release');
        if (attempts === 1) await run.untilRunAfter(parked);
      }
      expect(await run.result()).toEqual({ outcome: 'failed', reason: 'No.', release: 'released' });
      expect(namesOf(run)).toEqual([
        ...['askVendor', 'failRequest', 'releasePurchase', 'releasePurchase', 'releasePurchase'],
      ]);
    });

    concurrently('is tried on at once by reprocess, and no cancellation leaves it behind', async () => {
      const run = await start(
        { askVendor: refuses, releasePurchase: (call) => (call === 1 ? stays() : 'nothing') },
        { patience: { quietMs: 0 } },
      );
      await run.until('retrying');
      await run.cancel();
      await untilHeard(run);
      expect(await run.progress()).toMatchObject({ phase: 'retrying', step: 'release' });
      await run.reprocess();
      expect(await run.result()).toEqual({ outcome: 'failed', reason: 'No.', release: 'nothing' });
    });
  });

  describe('and that an operator cancels', () => {
    concurrently.each([
      ['waits for the vendor', { askVendor: waits }, 'vendor asked to wait'],
      ['is parked', { askVendor: isRefused }, 'ask vendor'],
      ['is parked since its approval was refused', { approveRequest: isRefused }, 'approve'],
    ])('has it given back where it %s', async (_, stubs, step) => {
      const run = await start(stubs);
      await waitFor('rest', async () => (await run.progress()).nextAttempt !== undefined);
      expect((await run.progress()).step).toBe(step);
      await run.cancel();
      await untilCancelled(run);
      expect(namesOf(run).filter((name) => name === 'releasePurchase')).toHaveLength(1);
    });

    concurrently('has it given back once the handler that was under way has ended', async () => {
      const { reached, pass, open } = gate();
      const run = await start({ askVendor: async () => (await pass(), approves()) });
      await reached;
      await run.cancel();
      await run.untilEvents('ACTIVITY_TASK_CANCEL_REQUESTED', 1);
      await run.progress(); // answered once the workflow has done all that it does about it
      expect((await run.events()).filter((event) => event === 'ACTIVITY_TASK_SCHEDULED')).toHaveLength(1);
      open();
      await untilCancelled(run);
      expect(namesOf(run)).toEqual(['askVendor', 'releasePurchase']);
    });

    concurrently('is not shown as parked any more while it is given back', async () => {
      const { reached, pass, open } = gate();
      const run = await start({ askVendor: isRefused, releasePurchase: async () => (await pass(), 'released') });
      await run.until('parked');
      await run.cancel();
      await reached;
      expect(await run.progress()).toMatchObject({ phase: 'running', step: 'release', reason: '' });
      expect(await run.searchAttributes()).toMatchObject({ ConnectPhase: 'running' });
      expect(await run.currentDetails()).toMatch(/At \*release\*\.$/);
      open();
      await untilCancelled(run);
    });

    concurrently('ends as approved where its approval came through', async () => {
      const { reached, pass, open } = gate();
      const run = await start({ approveRequest: () => pass() });
      await reached;
      await run.cancel();
      await run.untilEvents('ACTIVITY_TASK_CANCEL_REQUESTED', 1);
      open();
      expect(await run.result()).toEqual({ outcome: 'approved' });
      expect(namesOf(run)).not.toContain('releasePurchase');
    });

    concurrently('ends although the step that was under way would have it start afresh', async () => {
      const { reached, pass, open } = gate();
      const asks = () => ({ kind: 'inquire', params: [], paramErrors: { admin_email: 'Which?' } });
      const run = await start({ askVendor: asks, inquireRequest: async () => (await pass(), 'changed') });
      await reached;
      await run.cancel();
      await run.untilEvents('ACTIVITY_TASK_CANCEL_REQUESTED', 1);
      open();
      await untilCancelled(run);
      expect(namesOf(run)).toEqual(['askVendor', 'inquireRequest', 'releasePurchase']);
    });

    concurrently.each([1, 2, 3, 4, 5, 6, 7, 8])(
      'has it given back or approved where both come at once: %i',
      async () => {
        const { reached, pass, open } = gate();
        const run = await start({ askVendor: async () => (await pass(), approves()) });
        await reached;
        const cancelling = run.cancel();
        open();
        await cancelling;
        await waitFor('its end', async () => (await run.status()) !== 'RUNNING');
        const last = namesOf(run).at(-1)!;
        expect(['releasePurchase', 'approveRequest']).toContain(last); // not as it was after the handler, for nobody
      },
    );

    concurrently('keeps it where the approval was under way', async () => {
      const { reached, pass, open } = gate();
      const inFlight = await start({ approveRequest: async () => (await pass(), isDown()) });
      const failing = await start({ approveRequest: isDown }, { patience: { quietMs: 0 } });
      await reached;
      await failing.until('retrying');
      await inFlight.cancel();
      await untilHeard(inFlight);
      open();
      await failing.cancel();
      await untilCancelled(inFlight);
      await untilCancelled(failing);
      expect([...namesOf(inFlight), ...namesOf(failing)]).not.toContain('releasePurchase');
    });

    concurrently('stays open while Connect cannot tell whether it is approved, and ends as cancelled', async () => {
      const run = await start(
        { askVendor: waits, releasePurchase: (call) => (call === 1 ? isDown() : 'released') },
        { patience: { retryMs: 0 } },
      );
      await run.untilStep('vendor asked to wait');
      await run.cancel();
      expect(await run.until('parked')).toMatchObject({ step: 'release', failureType: 'ConnectUnavailable' });
      expect(await run.status()).toBe('RUNNING');
      await run.reprocess();
      expect(await run.result()).toEqual({ outcome: 'cancelled', release: 'released' });
    });
  });
});

concurrently('a purchase whose vendor gives nothing back ends as before', async () => {
  const failed = await workflows.start({ askVendor: refuses });
  expect(await failed.result()).toEqual({ outcome: 'failed', reason: 'No.' });
  const cancelled = await workflows.start({ askVendor: waits });
  await cancelled.untilStep('vendor asked to wait');
  await cancelled.cancel();
  await untilCancelled(cancelled);
  expect([...namesOf(failed), ...namesOf(cancelled)]).not.toContain('releasePurchase');
});
