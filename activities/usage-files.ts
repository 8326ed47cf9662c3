import { ApplicationFailure, log } from '@temporalio/activity';
import type { ConnectClient } from '../src/connect/client';
import type { UsageFile } from '../src/connect/usage-files';
import { FailureType } from '../src/domain/failure-type';
import { type UploadResult, usageFileId, type UsageFileOf } from '../src/domain/usage';
import { usagePeriod } from '../src/domain/usage-period';
import { failure } from './failure';
import { readRequest } from './settle';
import type { BuiltWorkbook } from './usage-reader';

const WITH_DISTRIBUTOR = new Set(['pending', 'accepted', 'closed']);
const DELETABLE = new Set(['draft', 'invalid', 'ready', 'uploaded']);

/** Which workbook a file has: when and by whom it was uploaded. Empty where Connect does not say, or there is none. */
export function workbookOf(file: UsageFile | undefined): string {
  const { at = '', by } = file?.events?.uploaded ?? {};
  return at && `${at} by ${by?.id ?? 'somebody'}`;
}

/** What the steps of usage reporting find, make and take back in Connect. */
export function createUsageFiles(connect: Pick<ConnectClient, 'usageFiles' | 'marketplaces'>) {
  return {
    /** Undefined where Connect does not show it: another key's, say, or one that is gone. */
    async read(id: string): Promise<UsageFile | undefined> {
      try {
        return await readRequest(id, () => connect.usageFiles.get(id));
      } catch (error) {
        if (error instanceof ApplicationFailure && error.type === FailureType.CONNECT_GONE) return undefined;
        throw error;
      }
    },

    /** The one that is there. Of several drafts, which overlapping attempts may leave, the first is kept. */
    async find(of: UsageFileOf): Promise<UsageFile | undefined> {
      const found = await connect.usageFiles.withExternalId(of.productId, usageFileId(of));
      const drafts = found.filter(({ status }) => status === 'draft');
      const others = found.filter(({ status }) => status !== 'draft');
      if (others.length > 1) {
        throw failure(
          FailureType.USAGE_NOT_SET_UP,
          `Connect has several usage files ${usageFileId(of)}: ${others.map(({ id }) => id).join(', ')}. Delete all but one.`,
        );
      }
      const [kept, ...superfluous] = [...others, ...drafts];
      for (const { id } of superfluous) await connect.usageFiles.delete(id);
      return kept;
    },

    /** @param oursId ours, where there is one @throws UsageDoubled where the distributor has another of the contract and the month */
    async refuseAnother({ productId, contractId, period }: UsageFileOf, oursId?: string): Promise<void> {
      const { from, to } = usagePeriod(period);
      const others = (await connect.usageFiles.ofContract(productId, contractId))
        .filter(({ status, id }) => WITH_DISTRIBUTOR.has(status) && id !== oursId)
        .filter(
          (file) =>
            file.period !== undefined && file.period.from.slice(0, 10) <= to && file.period.to.slice(0, 10) >= from,
        );
      if (others.length === 0) return;
      const named = others.map(({ id, status, name }) => `${id} (${status}${name && `, "${name}"`})`).join(', ');
      throw failure(
        FailureType.USAGE_DOUBLED,
        `The usage of ${contractId} in ${period} was reported already, not by this deployment: ${named}.`,
      );
    },

    async create(of: UsageFileOf, marketplaceId: string): Promise<{ id: string }> {
      const { productId, contractId, period } = of;
      const { currency } = await connect.marketplaces.get(marketplaceId);
      const { from, to } = usagePeriod(period);
      return await connect.usageFiles.create({
        name: `Usage ${period} ${productId} ${contractId}`,
        description: `What was used of ${productId} under ${contractId} from ${from} to ${to}`,
        external_id: usageFileId(of),
        period: { from, to },
        currency,
        product: { id: productId },
        contract: { id: contractId },
      });
    },

    /**
     * Nothing is left to report in it. Where that is so since records are not selected, it stays as it is: a setting takes nothing back.
     *
     * @throws UsageRefused where it cannot be taken back
     */
    async withdraw(existing: UsageFile | undefined, { badCount, notSelected }: BuiltWorkbook): Promise<UploadResult> {
      const nothing = { kind: 'nothing', bad: badCount, notSelected } as const;
      if (!existing) return nothing;
      const { id, status } = existing;
      if (notSelected > 0) {
        log.warn(`${id} is ${status} in Connect and stays as it is: no record for it is selected`, { notSelected });
        return { ...nothing, kept: id };
      }
      if (!DELETABLE.has(status)) {
        throw failure(
          FailureType.USAGE_REFUSED,
          `The vendor reports nothing any more for ${id}, which is ${status} in Connect and stays.`,
        );
      }
      await connect.usageFiles.delete(id);
      return nothing;
    },
  };
}
