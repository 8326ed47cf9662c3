import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { Runtime } from '@temporalio/worker';
import { createRedactor } from '../src/domain/redact';
import { installTelemetry, type Telemetry } from '../src/telemetry';
import { freePort } from '../src/temporal/server';

let telemetry: Telemetry;
let runtime: Runtime;
let port: number;
let output = '';

beforeAll(async () => {
  port = await freePort();
  await Runtime.instance().shutdown(); // of another test file
  telemetry = installTelemetry({
    level: 'info',
    metricsPort: port,
    redact: createRedactor(['ApiKey SU-1:0123abcdef']),
  });
  runtime = Runtime.instance();
});
beforeEach(() => {
  output = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => ((output += String(chunk)), true));
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => telemetry.close());

const lines = () =>
  output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('each line is JSON with its level, its time, and the request that it is about', () => {
  telemetry.log.info('approved', { workflowId: 'PR-1', type: 'purchase' });
  telemetry.log.warn('left pending', { requestId: 'TCR-2', workflowId: 'poll-2026' });
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
  expect(lines()).toEqual([
    { level: 'info', time, requestId: 'PR-1', type: 'purchase', msg: 'approved' },
    { level: 'warn', time, requestId: 'TCR-2', msg: 'left pending' },
  ]);
});

test("of Temporal's surroundings only what helps is kept", () => {
  const meta = {
    activityType: 'askVendor',
    attempt: 2,
    runId: 'r',
    workflowType: 'fulfillmentRequest',
    sdkComponent: 'activity',
  };
  telemetry.log.error('failed', { ...meta, workflowId: 'PR-1', taskToken: 'x', namespace: 'default', isLocal: false });
  expect(Object.keys(lines()[0]!).sort()).toEqual(
    ['level', 'time', 'msg', 'requestId', 'activityType', 'attempt', 'runId', 'workflowType'].sort(),
  );
});

test('a run has one name, in the lines of a workflow and of an activity', () => {
  telemetry.log.info('one', { runId: 'r', sdkComponent: 'workflow' });
  telemetry.log.info('two', { workflowRunId: 'r', sdkComponent: 'activity' });
  expect(lines().map(({ level: _level, time: _time, msg: _msg, ...fields }) => fields)).toEqual([
    { runId: 'r' },
    { runId: 'r' },
  ]);
});

test('of our own lines nothing is dropped', () => {
  telemetry.log.info('worker is running', { taskQueue: 'connect-processor', namespace: 'default' });
  expect(lines()[0]).toMatchObject({ taskQueue: 'connect-processor', namespace: 'default' });
});

test('an error is written with its stack', () => {
  telemetry.log.error('failed', { error: new TypeError('x is undefined') });
  expect(lines()[0]?.['error']).toMatchObject({
    message: 'x is undefined',
    stack: expect.stringContaining('TypeError'),
  });
});

test('an error is written with what was behind it: Temporal’s client says there alone why a call has failed', () => {
  const cause = new Error('14 UNAVAILABLE: no connection');
  telemetry.log.warn('failed', { error: new Error('Failed to describe schedule', { cause }) });
  expect(lines()[0]?.['error']).toMatchObject({ message: 'Failed to describe schedule', cause: cause.message });
});

test('no credential is written, wherever it stands', () => {
  telemetry.log.error('sent ApiKey SU-1:0123abcdef', {
    error: new Error('0123abcdef'),
    deep: { in: ['SU-1:0123abcdef'] },
  });
  expect(output).not.toContain('0123abcdef');
  expect(lines()[0]).toMatchObject({ msg: 'sent [redacted]', deep: { in: ['[redacted]'] } });
});

test('what others wrote commands no terminal, and stays JSON', () => {
  telemetry.log.info('\u001b[31mred\u009b0m');
  expect(output).toContain('\\u001b[31mred\\u009b0m');
  expect(lines()[0]).toMatchObject({ msg: '\u001b[31mred\u009b0m' });
});

test('lines below the level are left out', () => {
  telemetry.log.debug('detail');
  telemetry.log.trace('more detail');
  expect(output).toBe('');
});

test('metrics of our own stand on the Prometheus endpoint', async () => {
  runtime.metricMeter.createCounter('connect_calls', 'calls', 'Calls').add(3, { route: '/requests/{id}' });
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(text).toMatch(/^connect_calls\S*\{.*route="\/requests\/\{id\}".*\} 3$/m);
});
