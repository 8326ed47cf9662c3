import type { UsageFile } from '../src/connect/usage-files';
import { type Selection, whyContractOff } from '../src/domain/selection';
import { type CollectedUsage, type ContractUsage, usageFileId, type UsageReport } from '../src/domain/usage';

/**
 * Contracts of which the vendor reports nothing any more, although there is a usage file of the period.
 *
 * None as long as records are lost: they may be of any contract. None that is not selected either: a setting takes nothing back.
 */
export function withdrawnUsage(
  { productId, period }: UsageReport,
  { contracts, notSelected, lost }: Required<Pick<CollectedUsage, 'contracts' | 'notSelected' | 'lost'>>,
  files: readonly UsageFile[],
  selection: Selection | undefined,
): ContractUsage[] {
  if (lost > 0) return [];
  const reported = new Set([...contracts, ...notSelected].map(({ contractId }) => contractId));
  const withFile = files
    .filter(({ status }) => status !== 'deleted')
    .flatMap(({ contract, external_id }) => (contract ? [{ contractId: contract.id, external_id }] : []))
    .filter(({ contractId, external_id }) => external_id === usageFileId({ productId, period, contractId }))
    .map(({ contractId }) => contractId);
  return [...new Set(withFile)]
    .filter((contractId) => !reported.has(contractId))
    .filter((contractId) => !(selection && whyContractOff(selection, { productId, contractId })))
    .sort()
    .map((contractId) => ({ contractId, rows: 0, totals: {}, bad: 0 }));
}
