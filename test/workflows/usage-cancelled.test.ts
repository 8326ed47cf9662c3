import { randomUUID } from 'node:crypto';
import { expect, jest, test } from '@jest/globals';
import { type LogMetadata, type MetricMeter, type MetricTags, noopMetricMeter } from '@temporalio/common';
import { Runtime } from '@temporalio/worker';
import { failure } from '../../activities/failure';
import { FailureType } from '../../src/domain/failure-type';
import { DEFAULT_PATIENCE } from '../../src/domain/request-run';
import { usageFileId, usageReportId } from '../../src/domain/usage';
import { startUsageReport } from '../../src/temporal/usage-runs';
import { RequestRun } from '../support/request-run';
import { hangs, type Stubs } from '../support/stubbed-worker';
import { useWorkflows } from '../support/use-workflows';
import { waitFor } from '../support/wait-for';

/** What was counted: the name of a counter, and the outcome. */
const counted: string[] = [];
const meter = Object.create(noopMetricMeter) as MetricMeter;
meter.createCounter = (name, ...more) => {
  const add = (_: number, { outcome }: MetricTags = {}) => void counted.push(`${name} ${String(outcome)}`);
  return { ...noopMetricMeter.createCounter(name, ...more), add };
};
const logged: [message: string, fields: LogMetadata | undefined][] = [];
const { metricMeter, logger } = Runtime.instance();
jest.spyOn(metricMeter, 'withTags').mockReturnValue(meter); // both before the worker asks for them
jest.spyOn(logger, 'log').mockImplementation((_level, message, fields) => void logged.push([message, fields]));

const worker = useWorkflows();
const period = '2026-10';
const contractId = 'CRD-1';

/** A report that is under way, of a product of its own, with one file. */
async function report({ collectUsage, ...ofFile }: Stubs) {
  const of = { productId: `PRD-${randomUUID()}`, period };
  const file = { ...of, contractId };
  const contract = { contractId, rows: 1, totals: {}, bad: 0 };
  const collected = { contracts: [contract], lost: 0, bad: [], reportedBefore: [] };
  worker.stub(usageReportId(of), { collectUsage: collectUsage ?? (() => collected) });
  worker.stub(usageFileId(file), ofFile);
  await startUsageReport(worker.client, of, { taskQueue: worker.taskQueue, patience: DEFAULT_PATIENCE });
  const [ofReport, ofItsFile] = [usageReportId(of), usageFileId(file)].map((id) => new RequestRun(worker.client, id));
  return { of, file, report: ofReport!, itsFile: ofItsFile! };
}

/** Cancels a run. @returns what was counted and logged of its end */
async function endOf(run: RequestRun, about: object) {
  counted.length = logged.length = 0;
  await run.cancel();
  await waitFor('its end', async () => (await run.status()) === 'CANCELLED');
  const lines = () => logged.filter(([, fields]) => fields?.['outcome'] === 'cancelled');
  const said = await waitFor('the line', lines, ({ length }) => length > 0);
  expect(said).toEqual([[expect.any(String), expect.objectContaining(about)]]);
  expect(await run.currentDetails()).toMatch(/^usage of .*\n\nEnded: \*\*cancelled\*\*\./);
  return [said[0]![0], ...counted.filter((one) => one.endsWith(' cancelled'))];
}

const refuses = () => {
  throw failure(FailureType.USAGE_REFUSED, 'held back');
};

test.each<[string, Stubs, (run: RequestRun) => Promise<unknown>]>([
  ['in a step', { uploadUsage: hangs }, (run) => run.untilEvents('ACTIVITY_TASK_SCHEDULED', 1)],
  [
    'waiting for the distributor',
    { readUsageStage: () => ({ stage: 'pending', workbook: 'W-1' }) },
    (run) => run.untilStep('the distributor looks at it'),
  ],
  ['parked', { uploadUsage: refuses }, (run) => run.until('parked')],
])('a usage file whose run is cancelled leaves a line and a count: %s', async (_, stubs, untilThere) => {
  const { report: ofReport, itsFile, file } = await report(stubs);
  await ofReport.result();
  await untilThere(itsFile);
  expect(await endOf(itsFile, file)).toEqual(['usage file cancelled', 'connect_usage_files_ended cancelled']);
});

test.each<[string, Stubs, (run: RequestRun) => Promise<unknown>]>([
  ['in a step', { collectUsage: hangs }, (run) => run.untilEvents('ACTIVITY_TASK_SCHEDULED', 1)],
  ['parked', { collectUsage: refuses }, (run) => run.until('parked')],
])('so does a usage report: %s', async (_, stubs, untilThere) => {
  const { report: ofReport, of } = await report(stubs);
  await untilThere(ofReport);
  expect(await endOf(ofReport, of)).toEqual(['usage report cancelled', 'connect_usage_reports_ended cancelled']);
});

test('a report that ends by itself is counted too, once', async () => {
  counted.length = 0;
  const { report: ofReport } = await report({});
  await ofReport.result();
  await waitFor('the count', () => counted.includes('connect_usage_reports_ended reported'));
  expect(counted.filter((one) => one.startsWith('connect_usage_reports_ended'))).toHaveLength(1);
});
