import type { UsageFile } from '../src/connect/usage-files';
import type { Selection } from '../src/domain/selection';
import { type CollectedUsage, type ContractUsage, usageFileId, type UsageReport } from '../src/domain/usage';
import { isOfSelectedPlace } from './usage-file-place';

/**
 * Contracts of which the vendor reports nothing any more, although there is a usage file of the period.
 *
 * None as long as records are lost: they may be of any contract. None whose file is of a place that is not selected either: a setting takes
 * nothing back, and the file may be another deployment's.
 */
export function withdrawnUsage(
  { productId, period }: UsageReport,
  { contracts, notSelected, lost }: Required<Pick<CollectedUsage, 'contracts' | 'notSelected' | 'lost'>>,
  files: readonly UsageFile[],
  selection: Selection | undefined,
): ContractUsage[] {
  if (lost > 0) return [];
  const reported = new Set([...contracts, ...notSelected].map(({ contractId }) => contractId));
  const withdrawn = new Set<string>();
  for (const file of files) {
    const { status, contract, external_id: externalId } = file;
    if (status === 'deleted' || !contract || reported.has(contract.id)) continue;
    if (externalId !== usageFileId({ productId, period, contractId: contract.id })) continue;
    if (isOfSelectedPlace(productId, file, selection)) withdrawn.add(contract.id);
  }
  return [...withdrawn].sort().map((contractId) => ({ contractId, rows: 0, totals: {}, bad: 0 }));
}
