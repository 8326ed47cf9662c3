import type { UsageFile } from '../src/connect/usage-files';
import { type Selection, whyNotReported } from '../src/domain/selection';

/** Whether a usage file is of a place of which usage is reported; one of another may be another deployment's. */
export function isOfSelectedPlace(
  productId: string,
  { contract, marketplace, environment }: UsageFile,
  selection: Selection | undefined,
): boolean {
  const [contractId, marketplaceId] = [contract?.id ?? '', marketplace?.id ?? ''];
  return (
    !selection || !whyNotReported(selection, { productId, contractId, marketplaceId, connectionType: environment })
  );
}

/** The same, where a file of which Connect does not say the connection type may be of any that is selected. */
export function mayBeOfSelectedPlace(productId: string, file: UsageFile, selection: Selection | undefined): boolean {
  const types = file.environment === '' ? (selection?.connectionTypes ?? ['']) : [file.environment];
  return types.some((environment) => isOfSelectedPlace(productId, { ...file, environment }, selection));
}
