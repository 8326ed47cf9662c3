import { FailureType } from '../src/domain/failure-type';
import { LONGEST_HANDLER_SECONDS } from '../src/domain/request-run';
import type { UsageContext, UsageRecord, UsageReporting } from '../src/sdk/usage';
import { vendorFailure } from './call-handler';
import { failure } from './failure';

/**
 * Gives out the records of the vendor's hook, one by one, for as long as all of them together may take.
 *
 * @param signal of the activity, or of whoever asks
 * @throws a failure of one of the vendor's types
 */
export async function* callUsageHook(
  reporting: UsageReporting,
  context: Omit<UsageContext, 'signal'>,
  signal: AbortSignal,
): AsyncGenerator<UsageRecord> {
  const { timeLimitSeconds: seconds = LONGEST_HANDLER_SECONDS } = reporting;
  const late = new AbortController();
  const stopped = AbortSignal.any([signal, late.signal]);
  let stop: (reason: unknown) => void = () => undefined;
  stopped.addEventListener('abort', () => stop(stopped.reason), { once: true });
  const timer = setTimeout(() => {
    late.abort(
      failure(FailureType.VENDOR_TIMEOUT, `The vendor's hook "usage" did not give out all records in ${seconds} s.`),
    );
  }, seconds * 1000);
  let iterator: AsyncIterator<UsageRecord> | undefined;
  try {
    iterator = iteratorOf(reporting.records({ ...context, signal: stopped }));
    for (;;) {
      stopped.throwIfAborted();
      const from = iterator;
      const next = await new Promise<IteratorResult<UsageRecord>>((resolve, reject) => {
        stop = reject;
        from.next().then(resolve, reject);
      });
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    throw vendorFailure('usage', error);
  } finally {
    clearTimeout(timer);
    // Not awaited: what hangs would hang here too.
    void Promise.resolve(iterator)
      .then((one) => one?.return?.())
      .catch(() => undefined);
  }
}

function iteratorOf(given: AsyncIterable<UsageRecord>): AsyncIterator<UsageRecord> {
  if (typeof given?.[Symbol.asyncIterator] === 'function') return given[Symbol.asyncIterator]();
  void Promise.resolve(given).catch(() => undefined); // an "async function" that failed: nobody else waits for it
  throw failure(
    FailureType.VENDOR_CONTRACT,
    'The vendor\'s hook "usage" must return an async iterable of records: write it as "async function*".',
  );
}
