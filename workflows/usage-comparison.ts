import { log } from '@temporalio/workflow';
import type { SentUsage, UsageInConnect } from '../src/domain/usage';
import type { Steps } from './parking';
import { usage } from './proxies';
import { noteFindings } from './usage-findings';

interface Compared {
  same: boolean;
  /** Unknown where earlier code looked. */
  inConnect?: UsageInConnect;
}

/** How a usage file's run finds out whether Connect has what the vendor reports. */
export function createComparison(step: Steps['step']) {
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
      if (differs) {
        const { fileId, rows, totals } = sent;
        const said = { fileId, vendor: { rows, totals }, inConnect: compared.inConnect };
        log.warn('the usage file in Connect says something else than the vendor does now', said);
      }
      return compared;
    },
  };
}
