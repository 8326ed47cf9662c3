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

    /** The same of a file that is with the distributor, or accepted: that it differs is a finding. */
    async compareSubmitted(sent: SentUsage): Promise<Compared> {
      const compared = await compare(sent);
      const differs = !compared.same;
      if (differs !== shown) noteFindings(differs ? ['differs'] : []);
      shown = differs;
      const difference = differs && compared.inConnect ? describe(sent, compared.inConnect) : [];
      remark(difference);
      if (differs) {
        const said = { fileId: sent.fileId, difference };
        log.warn('the usage file in Connect says something else than the vendor does now', said);
      }
      return compared;
    },
  };
}

/** A line for the records, and one for each item of which the sums differ. */
function describe(vendor: UsageInConnect, inConnect: UsageInConnect): string[] {
  const items = [...new Set([...Object.keys(vendor.totals), ...Object.keys(inConnect.totals)])].sort();
  const lines = items.map((mpn) => [mpn, sums(vendor.totals[mpn]), sums(inConnect.totals[mpn])] as const);
  return [
    `the vendor reports ${vendor.rows} records, Connect has ${inConnect.rows}`,
    ...lines
      .filter(([, ours, theirs]) => ours !== theirs)
      .map(([mpn, ours, theirs]) => `${mpn}: the vendor reports ${ours}, Connect has ${theirs}`),
  ];
}

function sums(total: UsageTotals[string] | undefined): string {
  if (!total) return 'none';
  return total.amount === undefined ? total.quantity : `${total.quantity} for ${total.amount}`;
}
