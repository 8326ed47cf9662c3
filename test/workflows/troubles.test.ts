import { expect, jest, test } from '@jest/globals';
import { type MetricMeter, type MetricTags, noopMetricMeter } from '@temporalio/common';
import { Runtime } from '@temporalio/worker';
import { failure } from '../../activities/failure';
import { FailureType } from '../../src/domain/failure-type';
import { useWorkflows } from '../support/use-workflows';
import { waitFor } from '../support/wait-for';

/** What the counter says by phase. */
const troubles: Record<string, number> = {};
const meter = Object.create(noopMetricMeter) as MetricMeter;
meter.createCounter = (name, ...more) => {
  const add = (value: number, { phase }: MetricTags = {}) => {
    if (name === 'connect_request_troubles') troubles[String(phase)] = (troubles[String(phase)] ?? 0) + value;
  };
  return { ...noopMetricMeter.createCounter(name, ...more), add };
};
jest.spyOn(Runtime.instance().metricMeter, 'withTags').mockReturnValue(meter); // before the worker asks for it

const workflows = useWorkflows();

test('a run counts once for each phase that it comes into, however many attempts fail in it', async () => {
  const isDown = () => {
    throw failure(FailureType.CONNECT_UNAVAILABLE, 'Connect: down', { retryAfterMs: 60_000 });
  };
  const run = await workflows.start(
    {
      approveRequest: (call) => {
        if (call < 4) isDown();
        throw failure(FailureType.CONNECT_REJECTED, 'VAL_001');
      },
    },
    { patience: { quietMs: 0 } },
  );
  const attempts = () => workflows.calls(run.id).filter(([name]) => name === 'approveRequest').length;
  for (let attempt = 1; attempt < 4; attempt++) {
    await waitFor('the attempt', () => attempts() >= attempt);
    await run.until('retrying');
    await run.reprocess();
  }
  await run.until('parked');
  expect(attempts()).toBe(4);
  expect(troubles).toEqual({ retrying: 1, parked: 1 });
  await run.cancel();
});
