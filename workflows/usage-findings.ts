import { metricMeter, upsertSearchAttributes } from '@temporalio/workflow';
import { CONNECT_FINDING } from '../src/domain/search-attributes';
import type { UsageFinding } from '../src/domain/usage';

const seen = metricMeter.createCounter(
  'connect_usage_findings',
  'findings',
  'Findings of usage reports and usage files by kind',
);

/** Counts what somebody should look at, and shows it on the run in place of what was shown. */
export function noteFindings(findings: readonly UsageFinding[]): void {
  for (const finding of findings) seen.add(1, { finding });
  upsertSearchAttributes([{ key: CONNECT_FINDING, value: findings.join(' ') || null }]);
}
