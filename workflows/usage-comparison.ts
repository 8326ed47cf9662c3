import { log } from '@temporalio/workflow';
import type { ContractUsage, UsageInConnect, UsageTotals } from '../src/domain/usage';
import type { Steps } from './parking';
import { usage } from './proxies';
import { noteFindings } from './usage-findings';

/** Whether a usage file says what the vendor reports, as far as it can be told. */
export interface Comparison {
  same: boolean;
  /** Unknown where Connect does not tell enough. */
  inConnect: UsageInConnect | undefined;
  /** How they differ, line by line. */
  difference: string[];
}

/** How a usage file's run finds out whether Connect has what the vendor reports. @param shown whether it is shown already that it has not */
export function createComparison({ step, remark }: Pick<Steps, 'step' | 'remark'>, shown = false) {
  /** @param uploaded what the file's workbook says, where it is ours: of others, times, categories and tiers are not compared */
  async function compare(fileId: string, counted: ContractUsage, uploaded?: ContractUsage): Promise<Comparison> {
    const { same, inConnect } = await step('check totals', (options) =>
      usage.checkUsageTotals.executeWithOptions(options, [fileId, counted]),
    );
    const isSame = same && !counted.heldBack && (!uploaded || saysTheSame(uploaded, counted));
    return { same: isSame, inConnect, difference: isSame || !inConnect ? [] : describe(counted, inConnect) };
  }

  return {
    compare,

    /** The same of a file that is with the distributor, or accepted: that it differs is a finding. */
    async compareSubmitted(...of: Parameters<typeof compare>): Promise<Comparison> {
      const compared = await compare(...of);
      const differs = !compared.same;
      if (differs !== shown) noteFindings(differs ? ['differs'] : []);
      shown = differs;
      remark(compared.difference);
      if (differs) {
        const said = { fileId: of[0], difference: compared.difference };
        log.warn('the usage file in Connect says something else than the vendor does now', said);
      }
      return compared;
    },

    /** Whether it is shown that the file differs. */
    differs: () => shown,
  };
}

/** Whether two counts are of the same records; those of which nothing is told but their sums are taken for the same. */
function saysTheSame({ digests: one }: ContractUsage, { digests: other }: ContractUsage): boolean {
  return !one || !other || one.records === other.records;
}

/** A line for the records, one for each item of which the sums differ, or one where all sums are the same. */
function describe(vendor: ContractUsage, inConnect: UsageInConnect): string[] {
  const items = [...new Set([...Object.keys(vendor.totals), ...Object.keys(inConnect.totals)])].sort();
  const lines = items
    .map((mpn) => [mpn, sums(vendor.totals[mpn]), sums(inConnect.totals[mpn])] as const)
    .filter(([, ours, theirs]) => ours !== theirs)
    .map(([mpn, ours, theirs]) => `${mpn}: the vendor reports ${ours}, Connect has ${theirs}`);
  if (vendor.heldBack) lines.push(`${vendor.bad} more records of the vendor's are bad`);
  const hidden = lines.length === 0 && vendor.rows === inConnect.rows;
  return [
    `the vendor reports ${vendor.rows} records, Connect has ${inConnect.rows}`,
    ...lines,
    ...(hidden ? ['the sums are the same; the subscriptions, their amounts, times or categories are not'] : []),
  ];
}

function sums(total: UsageTotals[string] | undefined): string {
  if (!total) return 'none';
  return total.amount === undefined ? total.quantity : `${total.quantity} for ${total.amount}`;
}
