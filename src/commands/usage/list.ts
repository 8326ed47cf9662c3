import { Command } from 'commander';
import type { CommandContext } from '../command';
import { withConnect } from '../../connect/client';
import type { UsageFile } from '../../connect/usage-files';
import { withTemporal } from '../../temporal/client';
import { type ListedUsageRun, usageRuns } from '../../temporal/usage-runs';
import { print, printTable } from '../print';

export function list(context: CommandContext): Command {
  return new Command('list')
    .description(
      'The usage files of our products in Connect and what their workflows say, and reports and files that are under way or held back; the newest month first',
    )
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { connect: options } = context.config();
      await withConnect(options, async (connect) => {
        const files = await connect.usageFiles.ofProducts(options.products);
        const runs = await withTemporal(({ client }) => usageRuns(client));
        const ours = runs.filter(({ productId }) => options.products.includes(productId));
        const rows = usageRows(files, ours);
        if (json) print(JSON.stringify(rows, null, 2));
        else if (rows.length === 0) print('none');
        else
          printTable([
            Object.keys(rows[0]!).map((name) => name.toUpperCase()),
            ...rows.map(Object.values),
          ] as string[][]);
      });
    });
}

/**
 * Each file of Connect, with what its run found, and the phase of one that is open; and each open run that has no file there: a report, or a file
 * that is not sent.
 */
export function usageRows(files: readonly UsageFile[], runs: readonly ListedUsageRun[]) {
  const runOf = new Map(runs.map((run) => [run.id, run]));
  const sent = files.map(({ id, external_id, status, product, contract, period, records, stats }) => {
    const run = status === 'deleted' ? undefined : runOf.get(external_id);
    if (run) runOf.delete(external_id);
    const open = run?.isOpen ? run : undefined;
    return {
      id,
      period: period?.from.slice(0, 7) ?? '',
      product: product?.id ?? '',
      contract: contract?.id ?? '',
      status,
      records: String(records?.valid ?? stats?.uploaded ?? ''),
      finding: run?.finding ?? '',
      phase: open?.phase ?? '',
      reason: open?.reason ?? '',
    };
  });
  const notSent = [...runOf.values()]
    .filter(({ isOpen }) => isOpen)
    .map(({ id, period, productId, contractId, finding, phase, reason }) => ({
      id,
      period,
      product: productId,
      contract: contractId,
      status: '',
      records: '',
      finding,
      phase,
      reason,
    }));
  return [...sent, ...notSent].sort((a, b) => compare(b.period, a.period) || compare(placeOf(a), placeOf(b)));
}

const placeOf = ({ product, contract, id }: Record<'product' | 'contract' | 'id', string>) =>
  [product, contract, id].join(' ');
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
