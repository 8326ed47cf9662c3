import { getEventListeners } from 'node:events';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { callUsageHook } from '../../activities/call-usage-hook';
import { ConnectTimeoutError } from '../../src/connect/errors';
import { usagePeriod } from '../../src/domain/usage-period';
import { NotWritten, VendorUnavailable } from '../../src/sdk';
import type { UsageContext, UsageRecord, UsageReporting } from '../../src/sdk/usage';
import { waitFor } from '../support/wait-for';
import { collect, PRODUCT, quiet } from './fake-usage';
import { shown } from './shown';

const CONTEXT = {
  period: usagePeriod('2026-10'),
  productId: PRODUCT,
  schema: 'QT' as const,
  contractId: undefined,
  log: quiet,
};
const record = (n: number): UsageRecord => ({ asset: 'AS-1', mpn: 'CALLS', quantity: `${n}` });

/** @param records a hook, of whatever shape: a vendor's code may be JavaScript */
function call(records: unknown, given: Partial<UsageReporting> & { signal?: AbortSignal } = {}) {
  const { signal = new AbortController().signal, ...rest } = given;
  return callUsageHook({ ...rest, records: records as UsageReporting['records'] }, CONTEXT, signal);
}

/** What a call to the hook fails with. */
async function fault(records: AsyncIterable<unknown>): Promise<unknown> {
  try {
    await collect(records);
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

async function failureOf(records: AsyncIterable<unknown>) {
  const error = await fault(records);
  if (error instanceof ApplicationFailure) return shown(error);
  throw error;
}

const nothingHappens = () => new Promise<never>(() => undefined);

test('gives out what the hook does, in its order, and tells it what is asked for', async () => {
  const contexts: UsageContext[] = [];
  const records = call(async function* (context: UsageContext) {
    contexts.push(context);
    yield record(1);
    await turn();
    yield record(2);
  });
  expect(await collect(records)).toEqual([record(1), record(2)]);
  expect(contexts).toEqual([{ ...CONTEXT, signal: expect.any(AbortSignal) }]);
  expect(contexts[0]?.signal.aborted).toBe(false);
});

test('a month without records is no fault', async () => {
  expect(await collect(call(async function* () {}))).toEqual([]);
});

test('a hook that belongs to an object keeps what belongs to it', async () => {
  class Metering implements UsageReporting {
    private readonly quantity = 7;
    async *records() {
      yield record(this.quantity);
    }
  }
  const { signal } = new AbortController();
  expect(await collect(callUsageHook(new Metering(), CONTEXT, signal))).toEqual([record(7)]);
});

test.each<[string, () => Error, string]>([
  ['a bug', () => new TypeError('x is undefined'), 'VendorFault'],
  [
    'an API that is away',
    () => new VendorUnavailable('GET /usage answered 503', { retryAfterSeconds: 5 }),
    'VendorUnavailable',
  ],
  ['a placeholder', () => new NotWritten('Write it in src/vendor/usage.ts.'), 'VendorNotWritten'],
])('%s is a fault of the vendor, at once and in the middle', async (_, error, type) => {
  const atOnce = call(() => {
    throw error();
  });
  const inTheMiddle = call(async function* () {
    yield record(1);
    throw error();
  });
  expect(await failureOf(atOnce)).toMatchObject({ type, message: expect.stringContaining(error().message) });
  expect(await failureOf(inTheMiddle)).toMatchObject({ type });
});

test('the records before a fault have been given out', async () => {
  const got: UsageRecord[] = [];
  const records = call(async function* () {
    yield record(1);
    throw new Error('no more');
  });
  await expect(async () => {
    for await (const one of records) got.push(one);
  }).rejects.toThrow('The vendor\'s handler "usage" threw Error: no more');
  expect(got).toEqual([record(1)]);
});

test('a fault of Connect, which the hook may call too, stays one', async () => {
  const error = new ConnectTimeoutError('GET', '/assets', 45_000);
  const hook = () => {
    throw error;
  };
  expect(await fault(call(hook))).toBe(error);
});

test.each<[string, unknown]>([
  ['nothing', () => undefined],
  ['null', () => null],
  ['a list', () => [record(1)]],
  [
    'a generator that is not async',
    function* () {
      yield record(1);
    },
  ],
  ['a promise of a list', async () => [record(1)]],
  ['a promise that fails', async () => Promise.reject(new Error('the API is away'))],
])('a hook that returns %s is told how to be written', async (_, hook) => {
  expect(await failureOf(call(hook))).toMatchObject({
    type: 'VendorContract',
    final: true,
    message: expect.stringContaining('write it as "async function*"'),
  });
  await turn(); // a promise that nobody waits for would end the process now
});

const late = { type: 'VendorTimeout', final: true, message: expect.stringContaining('in 0.05 s') };

test('a hook that hangs is given up when its time is over, and is told so', async () => {
  let signal: AbortSignal | undefined;
  const hook = async function* (context: UsageContext) {
    signal = context.signal;
    yield record(1);
    await nothingHappens();
  };
  expect(await failureOf(call(hook, { timeLimitSeconds: 0.05 }))).toMatchObject(late);
  expect(signal?.aborted).toBe(true);
});

test('the time is that of all records together', async () => {
  const hook = async function* () {
    for (let n = 0; ; n++) {
      await pause(5);
      yield record(n);
    }
  };
  expect(await failureOf(call(hook, { timeLimitSeconds: 0.05 }))).toMatchObject(late);
});

test('a hook that ends quietly because its time is over did not give out all', async () => {
  const hook = async function* ({ signal }: UsageContext) {
    for (let n = 0; !signal.aborted; n++) {
      await pause(5);
      yield record(n);
    }
  };
  expect(await failureOf(call(hook, { timeLimitSeconds: 0.05 }))).toMatchObject(late);
});

test('a hook that fails because its time is over was late, whatever its own error says', async () => {
  const hook = async function* ({ signal }: UsageContext) {
    yield record(1);
    await pause(10_000, undefined, { signal }).catch(() => {
      throw new Error('request aborted');
    });
  };
  expect(await failureOf(call(hook, { timeLimitSeconds: 0.05 }))).toMatchObject(late);
});

test.each([
  ['before it is asked', true],
  ['while it works', false],
])('a worker that stops ends the hook %s, with its own reason', async (_, before) => {
  const controller = new AbortController();
  const reason = new CancelledFailure('the worker stops');
  if (before) controller.abort(reason);
  const hook = async function* () {
    yield record(1);
    controller.abort(reason);
    await nothingHappens();
  };
  expect(await fault(call(hook, { signal: controller.signal }))).toBe(reason);
});

test('a worker that stops while records are looked at gets no further one', async () => {
  const controller = new AbortController();
  const got: UsageRecord[] = [];
  const hook = async function* () {
    for (let n = 0; ; n++) yield record(n);
  };
  await expect(async () => {
    for await (const one of call(hook, { signal: controller.signal })) {
      got.push(one);
      if (got.length === 3) controller.abort(new Error('enough'));
    }
  }).rejects.toThrow('enough');
  expect(got).toHaveLength(3);
});

test('a hook of which no more is wanted is ended, so that it can close what it opened', async () => {
  let closed = 0;
  const hook = async function* () {
    try {
      for (let n = 0; ; n++) yield record(n);
    } finally {
      closed++;
    }
  };
  for await (const { quantity } of call(hook)) if (quantity === '2') break;
  await waitFor('the hook to end', () => closed === 1);
});

test('a hook that hangs or fails when it is ended disturbs nobody', async () => {
  const ends = [
    nothingHappens,
    () => Promise.reject(new Error('cannot close')),
    () => undefined,
    () => ({ done: true }),
  ];
  const throws = () => {
    throw new Error('cannot close');
  };
  for (const end of [...ends, throws]) {
    let n = 0;
    const next = async () => ({ done: n === 2, value: record(n++) });
    const hook = () => ({ [Symbol.asyncIterator]: () => ({ next, return: end }) });
    expect(await collect(call(hook))).toEqual([record(0), record(1)]);
  }
  await turn();
});

test('of a hundred thousand records none is kept, nor a listener for each', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  let signal: AbortSignal | undefined;
  const hook = async function* (context: UsageContext) {
    ({ signal } = context);
    for (let n = 0; n < 100_000; n++) yield record(n);
  };
  const seen: WeakRef<UsageRecord>[] = [];
  let kept = -1;
  for await (const one of call(hook)) {
    seen.push(new WeakRef(one));
    if (seen.length < 100_000) continue;
    await turn(); // what was seen in one turn of the loop lives through it
    collectGarbage();
    kept = seen.filter((each) => each.deref() !== undefined).length;
    expect(getEventListeners(signal!, 'abort').length).toBeLessThan(5);
  }
  expect(kept).toBeGreaterThan(-1);
  expect(kept).toBeLessThan(100);
});
