import { requestKind } from '../../domain/ids';
import { UsageError } from '../command';

/** @throws UsageError where it is no id of a request, of either kind */
export function checkRequestId(id: string): void {
  if (!requestKind(id)) throw new UsageError(`"${id}" is no id of a request: give PR-… or TCR-….`);
}
