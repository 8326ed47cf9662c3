import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { DEFAULT_PATIENCE } from '../../src/domain/request-run';
import { type CollectedUsage, usageReportId } from '../../src/domain/usage';
import { startUsageReport } from '../../src/temporal/usage-runs';
import { RequestRun } from '../support/request-run';
import { period, usage, useUsageFiles } from '../support/use-usage-files';

const { worker } = useUsageFiles();
const concurrently = test.concurrent;

concurrently.each([
  [[usage(1)], 'What became of the others, the run of each file says.'],
  [[], 'There are no others.'],
])(
  'a report with records of no subscription does not say that others went out: with the contracts %j',
  async (contracts, others) => {
    const of = { productId: `PRD-${randomUUID()}`, period };
    worker.stub(usageReportId(of), {
      collectUsage: (): CollectedUsage => ({ contracts, lost: 2, bad: [], reportedBefore: [] }),
    });
    await startUsageReport(worker.client, of, { taskQueue: worker.taskQueue, patience: DEFAULT_PATIENCE });
    const report = new RequestRun(worker.client, usageReportId(of));
    const { failureType, reason } = await report.until('parked');
    const expected = `2 of the vendor's usage records belong to no subscription of this product, and so to no usage file. ${others}`;
    expect([failureType, reason]).toEqual(['UsageRefused', expected]);
    await report.terminate();
  },
);
