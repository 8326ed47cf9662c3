import { Command } from 'commander';
import type { CommandContext } from './command';
import { withConnect } from '../connect/client';
import type { UsageFile } from '../connect/usage-files';
import { withTemporal } from '../temporal/client';
import { openUsageRuns, type OpenUsageRun } from '../temporal/usage-runs';
import { print, printTable } from './print';

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
        const runs = await withTemporal(({ client }) => openUsageRuns(client));
        const rows = usageRows(files, runs);
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

/** Each file of Connect, with the phase of its open run; and each open run that has no file there: a report, or a file that is not sent. */
export function usageRows(files: readonly UsageFile[], runs: readonly OpenUsageRun[]) {
  const runOf = new Map(runs.map((run) => [run.id, run]));
  const sent = files.map(({ id, external_id, status, product, contract, period, records }) => {
    const run = status === 'deleted' ? undefined : runOf.get(external_id);
    if (run) runOf.delete(external_id);
    return {
      id,
      period: period?.from.slice(0, 7) ?? '',
      product: product?.id ?? '',
      contract: contract?.id ?? '',
      status,
      records: String(records?.valid ?? ''),
      phase: run?.phase ?? '',
      reason: run?.reason ?? '',
    };
  });
  const notSent = [...runOf.values()].map(({ id, period, productId, contractId, phase, reason }) => ({
    id,
    period,
    product: productId,
    contract: contractId,
    status: '',
    records: '',
    phase,
    reason,
  }));
  return [...sent, ...notSent].sort((a, b) => compare(b.period, a.period) || compare(placeOf(a), placeOf(b)));
}

const placeOf = ({ product, contract, id }: Record<'product' | 'contract' | 'id', string>) =>
  [product, contract, id].join(' ');
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
