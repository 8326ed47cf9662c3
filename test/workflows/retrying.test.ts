import { describe, expect, test } from '@jest/globals';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { failure } from '../../activities/failure';
import { FAILURES, FailureType } from '../../src/domain/failure-type';
import { gate } from '../support/gate';
import { approves } from '../support/stubbed-worker';
import { useWorkflows } from '../support/use-workflows';
import { waitFor } from '../support/wait-for';

const workflows = useWorkflows();
const concurrently = test.concurrent;

const atOnce = { quietMs: 0 };
const DOWN = 'Connect: GET /requests/PR-1 answered 503.';

/** Connect is down and asks for a minute: more than Temporal waits by itself, so the workflow does. */
function isDown(retryAfterMs = 60_000): never {
  throw failure(FailureType.CONNECT_UNAVAILABLE, DOWN, { retryAfterMs });
}

describe('a step that fails', () => {
  concurrently('leaves no trace where the fault is over within seconds', async () => {
    const run = await workflows.start({ askVendor: (call) => (call < 3 ? isDown(1000) : approves()) });
    expect(await run.result()).toEqual({ outcome: 'approved' });
    expect(workflows.calls(run.id)).toHaveLength(4);
    expect(await run.events()).toHaveLength(17); // as if all had gone well
  });

  concurrently('is tried on quietly at first: lists show a run that is running, who asks hears the error', async () => {
    const { reached, pass, open } = gate();
    const run = await workflows.start({
      askVendor: (call) => (call === 1 ? isDown() : approves()),
      approveRequest: pass,
    });
    await waitFor(
      'the rest',
      () => run.events(),
      (events) => events.includes('TIMER_STARTED'),
    );
    const failing = { phase: 'running', step: 'ask vendor', reason: DOWN, failureType: 'ConnectUnavailable' };
    expect(await run.progress()).toMatchObject(failing);
    expect(await run.currentDetails()).toMatch(
      /\*ask vendor\* since .*; goes on at .*\n\n> ConnectUnavailable: .* 503/,
    );
    expect(await run.searchAttributes()).toMatchObject({ ConnectPhase: 'running' });

    expect(await run.reprocess()).toBe('tries now: ask vendor');
    await reached;
    expect(await run.progress()).toEqual({ phase: 'running', step: 'approve', reason: '' });
    open();
    expect(await run.result()).toEqual({ outcome: 'approved' });
    expect(await run.events()).not.toContain('UPSERT_WORKFLOW_SEARCH_ATTRIBUTES');
  });

  concurrently(
    'since the vendor’s handler hung is seen at its first failure, not after three times as long',
    async () => {
      const run = await workflows.start(
        {
          askVendor() {
            throw failure(FailureType.VENDOR_TIMEOUT, 'The handler did not return within 60 s.');
          },
        },
        { patience: atOnce },
      );
      expect(await run.until('retrying')).toMatchObject({ failureType: 'VendorTimeout' });
      expect(workflows.calls(run.id)).toHaveLength(1);
      await run.cancel();
    },
  );

  concurrently('shows after a while: phase, reason, what to do, and when it goes on', async () => {
    const run = await workflows.start({ askVendor: () => isDown() }, { patience: atOnce });
    const { since, nextAttempt, ...progress } = await run.until('retrying');
    expect(progress).toEqual({
      phase: 'retrying',
      step: 'ask vendor',
      reason: DOWN,
      failureType: 'ConnectUnavailable',
    });
    expect(Date.parse(nextAttempt!) - Date.parse(since!)).toBe(60_000);
    expect(await run.searchAttributes()).toMatchObject({ ConnectPhase: 'retrying', ConnectReason: DOWN });
    expect((await run.currentDetails()).split('\n')).toEqual([
      ...['purchase of PRD-1 for AS-1', ''],
      ...[`**retrying** at *ask vendor* since ${since}`, ''],
      ...[`> ConnectUnavailable: ${DOWN}`, ''],
      ...[FAILURES.ConnectUnavailable.action, ''],
      `Next attempt by itself: ${nextAttempt}. To try now, send the signal or update \`reprocess\`.`,
    ]);
    await run.cancel();
  });

  concurrently('that recovers shows as running again: no reason, no times of a trouble that is over', async () => {
    const { reached, pass, open } = gate();
    const run = await workflows.start(
      { askVendor: (call) => (call === 1 ? isDown() : approves()), approveRequest: pass },
      { patience: atOnce },
    );
    await run.until('retrying');
    await run.reprocess();
    await reached;
    expect(await run.progress()).toEqual({ phase: 'running', step: 'approve', reason: '' });
    expect(await run.currentDetails()).toBe('purchase of PRD-1 for AS-1\n\nAt *approve*.');
    const attributes = await run.searchAttributes();
    expect(attributes).toMatchObject({ ConnectPhase: 'running', ConnectProductId: 'PRD-1' });
    expect(attributes).not.toHaveProperty('ConnectReason');
    open();
    expect(await run.result()).toEqual({ outcome: 'approved' });
  });

  concurrently('goes on by itself after a pause', async () => {
    const run = await workflows.start(
      { askVendor: (call) => (call === 1 ? isDown(0) : approves()) },
      { handlerSeconds: 120, patience: atOnce }, // a long handler is repeated by the workflow alone
    );
    await run.until('retrying');
    expect(await run.result()).toEqual({ outcome: 'approved' });
  });

  concurrently('keeps a Retry-After that is longer than anybody would stay quiet', async () => {
    const run = await workflows.start({ askVendor: () => isDown(600_000) }, { patience: { quietMs: 300_000 } });
    const { since, nextAttempt } = await run.until('retrying');
    expect(Date.parse(nextAttempt!) - Date.parse(since!)).toBe(600_000);
    await run.cancel();
  });

  concurrently('is parked when patience is over', async () => {
    const run = await workflows.start({ approveRequest: () => isDown() }, { patience: { quietMs: 0, retryMs: 1 } });
    await run.until('retrying');
    await run.reprocess();
    expect(await run.until('parked')).toMatchObject({ step: 'approve', reason: DOWN });
    await run.cancel();
  });

  concurrently('of a type that nobody knows is tried on, with somebody to turn to', async () => {
    const strange = () => {
      throw Object.assign(failure(FailureType.INTERNAL, 'Activity function askVendor is not registered'), {
        type: 'NotFoundError',
      });
    };
    const run = await workflows.start({ askVendor: strange }, { handlerSeconds: 120, patience: atOnce });
    expect(await run.until('retrying')).toMatchObject({ failureType: 'Internal' });
    expect(await run.currentDetails()).toContain(FAILURES.Internal.action);
    await run.cancel();
  });
});

describe('reprocess', () => {
  concurrently('is refused where there is nothing to do, with a reason, and leaves no event', async () => {
    const { reached, pass, open } = gate();
    const run = await workflows.start({ approveRequest: pass });
    await reached;
    const before = await run.events();
    const refused = await run.reprocess().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(WorkflowUpdateFailedError);
    expect(refused).toMatchObject({
      cause: {
        type: 'NothingToReprocess',
        message: `${run.id} is at "approve" and neither failing, parked nor waiting: there is nothing to reprocess.`,
      },
    });
    expect(await run.events()).toEqual(before);
    open();
    expect(await run.result()).toEqual({ outcome: 'approved' });
  });

  concurrently('that comes while all is well does nothing, neither then nor when that step fails', async () => {
    const { reached, pass, open } = gate();
    const run = await workflows.start({
      approveRequest: async () => {
        await pass();
        throw failure(FailureType.CONNECT_REJECTED, 'VAL_001');
      },
    });
    await reached;
    await run.signalReprocess();
    open();
    await run.until('parked');
    await expectToStay(run, 'approveRequest', 1);
  });

  concurrently('that comes during a failing attempt makes the next one follow at once', async () => {
    const second = gate();
    const run = await workflows.start(
      {
        askVendor: async (call) => {
          if (call === 2) await second.pass();
          return call < 3 ? isDown() : approves();
        },
      },
      { patience: atOnce },
    );
    await run.until('retrying');
    await run.reprocess();
    await second.reached;
    expect(await run.reprocess()).toBe('tries now: ask vendor');
    second.open();
    expect(await run.result()).toEqual({ outcome: 'approved' });
  });

  concurrently('that comes during an attempt that succeeds does not skip a later parking', async () => {
    const second = gate();
    const run = await workflows.start(
      {
        askVendor: async (call) => {
          if (call === 1) isDown();
          if (call === 2) await second.pass();
          return approves();
        },
        approveRequest: () => {
          throw failure(FailureType.CONNECT_REJECTED, 'VAL_001');
        },
      },
      { patience: atOnce },
    );
    await run.until('retrying');
    await run.reprocess();
    await second.reached;
    await run.reprocess();
    second.open();
    await run.until('parked');
    await expectToStay(run, 'approveRequest', 1);
  });

  concurrently("that comes during an attempt that succeeds does not cut the vendor's wait short", async () => {
    const second = gate();
    const run = await workflows.start(
      {
        askVendor: async (call) => {
          if (call === 1) isDown();
          if (call === 2) await second.pass();
          return { kind: 'wait', params: [], seconds: 600 };
        },
      },
      { patience: atOnce },
    );
    await run.until('retrying');
    await run.reprocess();
    await second.reached;
    await run.signalReprocess();
    second.open();
    await run.untilStep('vendor asked to wait');
    await expectToStay(run, 'askVendor', 2);
  });

  /** A rest that is skipped begins the next run at once. So: it is still this run, and its timer is in its history. */
  async function expectToStay(run: Awaited<ReturnType<typeof workflows.start>>, step: string, calls: number) {
    const events = await run.events();
    expect(events.at(-1)).toBe('TIMER_STARTED');
    expect(workflows.calls(run.id).filter(([name]) => name === step)).toHaveLength(calls);
    await run.cancel();
  }
});
