import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  makeContinueAsNewFunc,
  metricMeter,
  ParentClosePolicy,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { FailureType } from '../src/domain/failure-type';
import { CONNECT_PHASE, CONNECT_PRODUCT_ID, CONNECT_REQUEST_TYPE } from '../src/domain/search-attributes';
import {
  type CollectedUsage,
  type ContractUsage,
  describeBad,
  type ReportUsageInput,
  type ReportUsageResult,
  type ScheduledUsageInput,
  type ScheduledUsageResult,
  usageFileId,
  type UsageFinding,
  usageReportId,
} from '../src/domain/usage';
import { monthBefore, previousMonth } from '../src/domain/usage-period';
import { createSteps, type Steps } from './parking';
import { searchAttributesOfNextRun } from './progress';
import { usage } from './proxies';
import { recount, usageFile } from './usage-file';
import { noteFindings } from './usage-findings';

const SCHEDULED_AT = { name: 'TemporalScheduledStartTime', type: 'DATETIME' } as const;

const ended = metricMeter.createCounter('connect_usage_reports_ended', 'reports', 'Usage reports by outcome');

const notSelectedSeen = metricMeter.createCounter(
  'connect_usage_records_not_selected',
  'records',
  'Usage records that a report left out, since the configuration does not select their subscriptions, by the reason',
);

/**
 * Reports what was used of one product in one month: counts the vendor's records, and starts a `usageFile` for each contract that has some, or
 * has a file of which nothing is left. Safe to run again: what is reported already is found in Connect, and stays as it is.
 */
export async function reportUsage(input: ReportUsageInput): Promise<ReportUsageResult> {
  const { productId, period } = input;
  const about = `usage of ${productId} in ${period}`;
  const steps = createSteps({ id: usageReportId(input), about, patience: input.patience });
  try {
    const result = await untilItsEnd(input, steps);
    ended.add(1, { outcome: result.outcome });
    steps.end(result.outcome);
    return result;
  } catch (error) {
    if (isCancellation(error)) {
      steps.end('cancelled');
      ended.add(1, { outcome: 'cancelled' });
      log.info('usage report cancelled', { outcome: 'cancelled', productId, period });
    }
    throw error;
  }
}

async function untilItsEnd(input: ReportUsageInput, { step, park }: Steps): Promise<ReportUsageResult> {
  const { productId, period } = input;
  try {
    const collected = await step('collect usage', (options) =>
      usage.collectUsage.executeWithOptions(options, [{ productId, period }]),
    );
    const { contracts, withdrawn = [], notSelected = [], kept = [] } = collected;
    const files = [];
    for (const contract of [...contracts, ...withdrawn]) files.push(await startFile(input, contract));
    for (const { records, reason } of notSelected) notSelectedSeen.add(records, { reason });
    const findings = findingsOf(input, collected);
    if (findings.length > 0) {
      noteFindings(findings);
      log.warn('the usage report has findings', { findings });
    }
    if (collected.lost > 0) throw lost(collected);
    log.info(files.length > 0 ? 'usage reported' : 'nothing to report', { period, files: files.length, findings });
    return { outcome: files.length > 0 ? 'reported' : 'nothing', period, files, notSelected, kept, findings };
  } catch (error) {
    await park(error);
  }
  return await makeContinueAsNewFunc<typeof reportUsage>({
    initialVersioningBehavior: 'AUTO_UPGRADE',
    typedSearchAttributes: searchAttributesOfNextRun(),
  })(input);
}

/**
 * What the schedule of a product starts: finds out which month is meant, from the time that the schedule named rather than the clock, so that a
 * late run and a backfill report their own month; and starts `reportUsage` under the id that everybody uses.
 */
export async function scheduledUsage({
  productId,
  timeZone,
  patience,
}: ScheduledUsageInput): Promise<ScheduledUsageResult> {
  const { typedSearchAttributes, startTime, lastResult } = workflowInfo();
  const named = typedSearchAttributes.get(SCHEDULED_AT) ?? startTime;
  const period = previousMonth(named, timeZone);
  const last = lastResult as ScheduledUsageResult | undefined;
  const lastPeriod = last?.latest;
  const input: ReportUsageInput = { productId, period, patience, lastPeriod };
  await startUnlessRunning(() =>
    startChild(reportUsage, {
      workflowId: usageReportId(input),
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `usage of ${productId} in ${period}`,
      typedSearchAttributes: attributes('usage-report', productId),
    }),
  );
  return { period, latest: lastPeriod && lastPeriod > period ? lastPeriod : period };
}

/** A run that is open already sees to the file: it is told what was counted now. */
async function startFile(input: ReportUsageInput, contract: ContractUsage) {
  const { productId, period, patience } = input;
  const { contractId, rows, totals, bad } = contract;
  const file = { productId, period, contractId };
  const workflowId = usageFileId(file);
  const start = async () =>
    await startUnlessRunning(() =>
      startChild(usageFile, {
        workflowId,
        args: [{ ...file, usage: contract, patience }],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `usage of ${productId} in ${period} under ${contractId}`,
        typedSearchAttributes: attributes('usage-file', productId),
      }),
    );
  let state = await start();
  if (state === 'running' && !(await tell(workflowId, contract))) state = await start();
  return { contractId, workflowId, state, rows, totals, bad };
}

/** @returns false where the run has ended meanwhile */
async function tell(workflowId: string, contract: ContractUsage): Promise<boolean> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(recount, contract);
    return true;
  } catch (error) {
    if (error instanceof ApplicationFailure) return false;
    throw error;
  }
}

async function startUnlessRunning(start: () => Promise<unknown>): Promise<'started' | 'running'> {
  try {
    await start();
    return 'started';
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'running';
    throw error;
  }
}

const attributes = (type: string, productId: string) => [
  { key: CONNECT_PHASE, value: 'running' },
  { key: CONNECT_REQUEST_TYPE, value: type },
  { key: CONNECT_PRODUCT_ID, value: productId },
];

function findingsOf({ period, lastPeriod }: ReportUsageInput, collected: CollectedUsage): UsageFinding[] {
  const before = monthBefore(period);
  const { contracts, lost: lostRecords, reportedBefore, leftOutBefore = [] } = collected;
  const findings: UsageFinding[] = [];
  const nothing = contracts.length === 0 && lostRecords === 0;
  if (nothing && [...reportedBefore, ...leftOutBefore].includes(before)) findings.push('zero');
  const skipped = lastPeriod ? lastPeriod < before : reportedBefore.includes(monthBefore(before));
  if (skipped && !reportedBefore.includes(before)) findings.push('skipped');
  return findings;
}

/** Records of subscriptions that Connect does not have belong to no file, so the report itself waits for their correction. */
function lost({ contracts, lost: count, bad }: CollectedUsage): ApplicationFailure {
  const others =
    contracts.length > 0 ? 'What became of the others, the run of each file says.' : 'There are no others.';
  return ApplicationFailure.create({
    type: FailureType.USAGE_REFUSED,
    message: `${count} of the vendor's usage records belong to no subscription of this product, and so to no usage file. ${others}`,
    nonRetryable: true,
    details: [{ report: bad.map(describeBad) }],
  });
}
