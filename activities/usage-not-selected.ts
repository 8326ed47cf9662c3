import type { UsageFile } from '../src/connect/usage-files';
import {
  type CollectedUsage,
  type KeptFile,
  MOST_ASSETS_NAMED,
  type NotSelected,
  usageFileId,
  type UsageReport,
} from '../src/domain/usage';
import type { ReadUsage } from './usage-records';

/** Counts records that are left out: those of one contract together that are left for the same reason. */
export function createNotSelectedCount() {
  const groups = new Map<string, NotSelected>();
  return {
    add({ contractId, assetId, left }: ReadUsage & { kind: 'notSelected' }): void {
      const key = `${contractId} ${left.text}`;
      const group = groups.get(key) ?? { contractId, ...left, records: 0, assets: [] };
      groups.set(key, group);
      group.records += 1;
      if (group.assets.includes(assetId)) return;
      if (group.assets.length < MOST_ASSETS_NAMED) group.assets.push(assetId);
      else group.more = true;
    },

    ofContract: (id: string): number =>
      [...groups.values()].reduce((sum, { contractId, records }) => sum + (contractId === id ? records : 0), 0),

    /** By contract. */
    all: (): NotSelected[] => [...groups.values()].sort((a, b) => (a.contractId < b.contractId ? -1 : 1)),
  };
}

/** Usage files of contracts of which nothing is reported, since none of their records is selected. */
export function keptFiles(
  { productId, period }: UsageReport,
  { contracts, notSelected }: Required<Pick<CollectedUsage, 'contracts' | 'notSelected'>>,
  files: readonly UsageFile[],
): KeptFile[] {
  const reported = new Set(contracts.map(({ contractId }) => contractId));
  const left = new Set(notSelected.map(({ contractId }) => contractId).filter((id) => !reported.has(id)));
  return [...left].flatMap((contractId) =>
    files
      .filter(({ external_id }) => external_id === usageFileId({ productId, period, contractId }))
      .filter(({ status }) => status !== 'deleted')
      .map(({ id: fileId, status }) => ({ contractId, fileId, status })),
  );
}
