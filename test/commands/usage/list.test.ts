import { expect, test } from '@jest/globals';
import { usageRows } from '../../../src/commands/usage/list';
import type { UsageFile } from '../../../src/connect/usage-files';
import type { ListedUsageRun } from '../../../src/temporal/usage-runs';

const file = (id: string, month: string, status = 'pending'): UsageFile => ({
  id,
  status,
  name: '',
  environment: 'production',
  currency: '',
  error_detail: '',
  rejection_note: '',
  acceptance_note: '',
  external_id: `usage-PRD-1-CRD-1-${month}`,
  product: { id: 'PRD-1', name: '' },
  contract: { id: 'CRD-1', name: '' },
  period: { from: `${month}-01`, to: `${month}-28` },
  stats: { uploaded: 4 },
});
const run = (id: string, period: string, contractId = ''): ListedUsageRun => ({
  id,
  productId: 'PRD-1',
  contractId,
  period,
  isOpen: true,
  phase: 'parked',
  reason: 'why',
  finding: '',
});

test('the newest month comes first, in whatever order Connect lists', () => {
  const files = [file('UF-2', '2026-03'), file('UF-1', '2025-12'), file('UF-3', '2026-08')];
  const rows = usageRows(files, [run('usage-PRD-1-2026-04', '2026-04')]);
  expect(rows.map(({ period }) => period)).toEqual(['2026-08', '2026-04', '2026-03', '2025-12']);
});

test('a run stands with its file; one that has none, or only a deleted one, in a line of its own', () => {
  const id = 'usage-PRD-1-CRD-1-2026-08';
  const open = [run(id, '2026-08', 'CRD-1')];
  expect(usageRows([file('UF-1', '2026-08')], open)).toMatchObject([{ id: 'UF-1', phase: 'parked', reason: 'why' }]);
  expect(usageRows([], open)).toMatchObject([{ id, contract: 'CRD-1', status: '', phase: 'parked', reason: 'why' }]);
  expect(usageRows([file('UF-1', '2026-08', 'deleted')], open)).toMatchObject([
    { id: 'UF-1', status: 'deleted', phase: '' },
    { id, phase: 'parked' },
  ]);
});

test('what its run found stays with a file, and the phase with an open run; a closed run without a file has no line', () => {
  const of = (id: string, isOpen: boolean) => ({ ...run(id, '2026-08', 'CRD-1'), isOpen, finding: 'differs' });
  const id = 'usage-PRD-1-CRD-1-2026-08';
  const line = { id: 'UF-1', records: '4', finding: 'differs' };
  expect(usageRows([file('UF-1', '2026-08')], [of(id, true)])).toMatchObject([{ ...line, phase: 'parked' }]);
  expect(usageRows([file('UF-1', '2026-08')], [of(id, false)])).toMatchObject([{ ...line, phase: '', reason: '' }]);
  expect(usageRows([], [of(id, false)])).toEqual([]);
});
