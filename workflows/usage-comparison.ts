import { log } from '@temporalio/workflow';
import type { SentUsage, UsageInConnect, UsageTotals } from '../src/domain/usage';
import type { Steps } from './parking';
import { usage } from './proxies';
import { noteFindings } from './usage-findings';

interface Compared {
  same: boolean;
  /** Unknown where earlier code looked. */
  inConnect?: UsageInConnect;
}

/** How a usage file's run finds out whether Connect has what the vendor reports. */
export function createComparison({ step, remark }: Pick<Steps, 'step' | 'remark'>) {
  let shown = false;

  async function compare(sent: SentUsage): Promise<Compared> {
    const checked = await step('check totals', (options) => usage.checkUsageTotals.executeWithOptions(options, [sent]));
    if (typeof checked === 'boolean') return { same: checked };
    const { same, ...inConnect } = checked;
    return { same, inConnect };
  }

  return {
    compare,

    /** The same of a file that is with the distributor, or accepted, as far as it can be told: that it differs is a finding. */
    async compareSubmitted(sent: SentUsage): Promise<Compared> {
      const compared = await compare(sent);
      const differs = !compared.same || saysMore(sent);
      if (differs !== shown) noteFindings(differs ? ['differs'] : []);
      shown = differs;
      const difference = differs && compared.inConnect ? describe(sent, compared.inConnect) : [];
      remark(difference);
      if (differs) {
        const said = { fileId: sent.fileId, difference };
        log.warn('the usage file in Connect says something else than the vendor does now', said);
      }
      return { ...compared, same: !differs };
    },
  };
}

/** Whether the vendor says what Connect does not tell us of its records, such as their times, or reports records that hold their file back. */
function saysMore({ heldBack, uploaded, known = uploaded, digests }: SentUsage): boolean {
  return heldBack === true || (known !== undefined && digests !== undefined && known !== digests.records);
}

/** A line for the records, one for each item of which the sums differ, or one where all sums are the same. */
function describe(vendor: SentUsage, inConnect: UsageInConnect): string[] {
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
    ...(hidden ? ['the sums are the same; the subscriptions, times or categories are not'] : []),
  ];
}

function sums(total: UsageTotals[string] | undefined): string {
  if (!total) return 'none';
  return total.amount === undefined ? total.quantity : `${total.quantity} for ${total.amount}`;
}
