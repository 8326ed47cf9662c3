import { EventEmitter, once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { failure } from '../../activities/failure';
import { FailureType } from '../../src/domain/failure-type';
import { DEFAULT_PATIENCE } from '../../src/domain/request-run';
import { useWorkflows } from '../support/use-workflows';
import { waitFor } from '../support/wait-for';

const workflows = useWorkflows();
const concurrently = test.concurrent;

const approvesWithParams = () => ({
  kind: 'approve',
  params: [{ id: 'subscription_id', value: 'T-1' }],
  templateId: 'TL-1',
});
const waits = () => ({ kind: 'wait', params: [], seconds: 3_600 });
const isUnreadable = () => {
  throw failure(FailureType.CONNECT_CONTRACT, 'unreadable');
};
const isDown = () => {
  throw failure(FailureType.CONNECT_UNAVAILABLE, 'down', { retryAfterMs: 60_000 });
};
const patience = { quietMs: 1, retryMs: 3_600_000, parkedMs: 7_200_000 };

/** How a run comes to rest. */
const RESTS = {
  'waits for the vendor': { stubs: { askVendor: waits }, at: 'vendor asked to wait' },
  'is parked': { stubs: { approveRequest: isUnreadable }, at: 'approve' },
  'has a failing step': { stubs: { approveRequest: isDown }, at: 'approve' },
};

describe.each(Object.entries(RESTS))('a run that %s', (_, { stubs, at }) => {
  const resting = async (readStatus: (call: number) => unknown) => {
    const run = await workflows.start({ ...stubs, readStatus }, { patience });
    await waitFor('rest', async () => (await run.progress()).nextAttempt !== undefined);
    expect((await run.progress()).step).toBe(at);
    return run;
  };

  concurrently('ends as noop once somebody else has ended the request', async () => {
    const run = await resting(() => 'failed');
    await run.signalRecheck();
    expect(await run.result()).toEqual({
      outcome: 'noop',
      status: 'failed',
      reason: 'The request is failed in Connect by now.',
    });
  });

  concurrently('ends as gone where the request is', async () => {
    const run = await resting(() => {
      throw failure(FailureType.CONNECT_GONE, 'gone');
    });
    await run.signalRecheck();
    expect(await run.result()).toEqual({ outcome: 'gone' });
  });

  concurrently('sees to the revocation once the distributor has taken the request back', async () => {
    let revoked = false;
    const askVendor = 'askVendor' in stubs ? stubs.askVendor : approvesWithParams;
    const run = await workflows.start(
      {
        ...stubs,
        askVendor: () => (revoked ? { kind: 'confirm', params: [] } : askVendor()),
        readStatus: () => 'revoking',
      },
      { patience },
    );
    await waitFor('rest', async () => (await run.progress()).nextAttempt !== undefined);
    revoked = true;
    await run.signalRecheck();
    expect(await run.result()).toEqual({ outcome: 'revoked' });
    expect(await run.searchAttributes()).toMatchObject({ ConnectRequestType: 'revoke' });
    const [, second] = workflows.calls(run.id).filter(([name]) => name === 'askVendor');
    expect(second![1]).toBeUndefined(); // what was waited for before does not count
  });

  concurrently('rests on where the request is pending still, or Connect does not answer', async () => {
    const run = await resting((call) => {
      if (call === 1) return 'pending';
      if (call === 2) throw failure(FailureType.CONNECT_UNAVAILABLE, 'down');
      return 'approved';
    });
    const before = await run.progress();
    for (const looks of [1, 2]) {
      await run.signalRecheck();
      await waitFor('a look', () => workflows.calls(run.id).filter(([name]) => name === 'readStatus').length === looks);
      expect(await run.progress()).toEqual(before);
    }
    await run.signalRecheck();
    expect(await run.result()).toMatchObject({ outcome: 'noop', status: 'approved' });
    expect(workflows.calls(run.id).filter(([name]) => name === 'askVendor')).toHaveLength(1);
  });
});

concurrently(
  'a run that turns to the revocation is as a round would have started it: nothing is given back',
  async () => {
    let revoked = false;
    const askVendor = () => ({ ...waits(), seconds: revoked ? 500 : 600 });
    const request = { releases: true, handlerSeconds: 300, patience: { quietMs: 7_000 } };
    const run = await workflows.start({ askVendor, readStatus: () => 'revoking' }, request);
    await run.untilStep('vendor asked to wait');
    revoked = true;
    await run.signalRecheck();
    await waitFor('its own wait', () => workflows.calls(run.id).filter(([name]) => name === 'askVendor').length === 2);
    await run.untilStep('vendor asked to wait');
    expect(await run.input()).toEqual({
      id: run.id,
      type: 'revoke',
      about: 'revoke of PRD-1 for AS-1',
      patience: { ...DEFAULT_PATIENCE, quietMs: 7_000 },
    });
    await run.cancel();
    await waitFor('its end', async () => (await run.status()) === 'CANCELLED');
    expect(workflows.calls(run.id).map(([name]) => name)).not.toContain('releasePurchase');
  },
);

concurrently('a recheck that comes during a look is looked into after it', async () => {
  const answer = new EventEmitter();
  const readStatus = async (call: number) => {
    if (call > 1) return 'failed';
    await once(answer, 'pending');
    return 'pending';
  };
  const run = await workflows.start({ askVendor: waits, readStatus });
  await run.untilStep('vendor asked to wait');
  await run.signalRecheck();
  await waitFor('the look', () => workflows.calls(run.id).some(([name]) => name === 'readStatus'));
  await run.signalRecheck();
  await run.untilEvents('WORKFLOW_EXECUTION_SIGNALED', 2);
  answer.emit('pending');
  expect(await run.result()).toMatchObject({ outcome: 'noop', status: 'failed' });
});

concurrently('a run that is about the revocation rests on while the vendor asks for time', async () => {
  const run = await workflows.start({ askVendor: waits, readStatus: () => 'revoking' }, { type: 'revoke' });
  const before = await run.untilStep('vendor asked to wait');
  await run.signalRecheck();
  await run.untilEvents('TIMER_STARTED', 2);
  expect(await run.progress()).toEqual(before);
  expect(workflows.calls(run.id).map(([name]) => name)).toEqual(['askVendor', 'readStatus']);
});

concurrently('a run whose wait ends by itself goes on about the revocation at once, and once', async () => {
  const answers = [{ ...waits(), seconds: 1 }, { kind: 'revoking' }, { ...waits(), seconds: 600 }];
  const askVendor = (call: number) => answers[call - 1] ?? { kind: 'confirm', params: [] };
  const run = await workflows.start({ askVendor, readStatus: () => 'revoking' });
  const asked = () => workflows.calls(run.id).filter(([name]) => name === 'askVendor');
  await waitFor('the vendor to be asked about the revocation', () => asked().length === 3);
  await run.untilStep('vendor asked to wait');
  const waited = { times: 1, since: expect.any(String) };
  expect(asked().map(([, ...args]) => args)).toEqual([
    [],
    [waited],
    [undefined, 'revoke'], // what was waited for before does not count
  ]);
  expect(await run.searchAttributes()).toMatchObject({ ConnectRequestType: 'revoke' });

  await run.signalRecheck();
  await run.untilEvents('TIMER_STARTED', 2); // it has looked, and rests on
  await run.reprocess();
  expect(await run.result()).toEqual({ outcome: 'revoked' });
  const [, ...last] = asked().at(-1)!;
  expect(last).toEqual([waited, 'revoke']);
});

describe('a step that Connect refuses', () => {
  const refusedBy = (type: FailureType) => () => {
    throw failure(type, 'refused');
  };

  concurrently.each([
    ['ConnectRejected', { saveParams: refusedBy(FailureType.CONNECT_REJECTED) }],
    ['ConnectConflict', { approveRequest: refusedBy(FailureType.CONNECT_CONFLICT) }],
  ] as const)('%s: the run ends as noop where somebody else has ended the request', async (_type, stubs) => {
    const run = await workflows.start({ askVendor: approvesWithParams, ...stubs, readStatus: () => 'failed' });
    expect(await run.result()).toMatchObject({ outcome: 'noop', status: 'failed' });
    expect(await run.progress()).toMatchObject({ phase: 'running' }); // nobody was called to it
  });

  concurrently('sees to the revocation where that is why', async () => {
    const askVendor = (call: number) => (call === 1 ? approvesWithParams() : { kind: 'confirm', params: [] });
    const saveParams = refusedBy(FailureType.CONNECT_REJECTED);
    const run = await workflows.start({ askVendor, saveParams, readStatus: () => 'revoking' });
    expect(await run.result()).toEqual({ outcome: 'revoked' });
  });

  concurrently(
    'the look is not lost with its worker, or with one fault of Connect: nobody else looks soon',
    async () => {
      const saveParams = refusedBy(FailureType.CONNECT_REJECTED);
      const readStatus = (call: number) => {
        if (call === 1) throw failure(FailureType.CONNECT_UNAVAILABLE, 'down');
        return 'failed';
      };
      const run = await workflows.start({ askVendor: approvesWithParams, saveParams, readStatus });
      expect(await run.result()).toMatchObject({ outcome: 'noop', status: 'failed' });
    },
  );

  concurrently.each<[string, () => unknown, number]>([
    ['the request is pending still', () => 'pending', 1],
    ['Connect does not say', refusedBy(FailureType.CONNECT_UNAVAILABLE), 3],
  ])('parks where %s', async (_case, readStatus, looks) => {
    const run = await workflows.start({ approveRequest: refusedBy(FailureType.CONNECT_REJECTED), readStatus });
    await run.until('parked');
    expect(await run.progress()).toMatchObject({ step: 'approve', failureType: 'ConnectRejected' });
    expect(workflows.calls(run.id).filter(([name]) => name === 'readStatus')).toHaveLength(looks);
  });

  concurrently('gives back what it made where an operator cancels it in that moment', async () => {
    let answer = (_status: string) => {};
    const status = new Promise<string>((resolve) => (answer = resolve));
    const run = await workflows.start(
      { approveRequest: refusedBy(FailureType.CONNECT_REJECTED), readStatus: () => status },
      { releases: true },
    );
    await waitFor('the look', () => workflows.calls(run.id).some(([name]) => name === 'readStatus'));
    await run.cancel();
    answer('pending');
    await expect(run.result()).rejects.toThrow();
    expect(workflows.calls(run.id).map(([name]) => name)).toContain('releasePurchase');
  });
});

concurrently('tells the handler how often and since when it has waited', async () => {
  const run = await workflows.start({
    askVendor: (call) => (call < 3 ? { ...waits(), seconds: 1 } : { kind: 'approve', params: [], templateId: 'TL-1' }),
  });
  expect(await run.result()).toEqual({ outcome: 'approved' });
  const [first, second, third] = workflows.calls(run.id).filter(([name]) => name === 'askVendor');
  expect(first![1]).toBeUndefined();
  const since = (second![1] as { since: string }).since;
  expect(second![1]).toEqual({ times: 1, since: expect.stringMatching(/^20\d\d-/) });
  expect(third![1]).toEqual({ times: 2, since });
});
