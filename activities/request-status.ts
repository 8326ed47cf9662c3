import type { ConnectClient } from '../src/connect/client';
import { requestKind } from '../src/domain/ids';
import { readRequest } from './settle';

/** Tells where a request stands in Connect, for a run that rests. */
export function createRequestStatus({ connect }: { connect: Pick<ConnectClient, 'requests' | 'tierConfigRequests'> }) {
  return {
    /**
     * @param id `PR-…` or `TCR-…`
     * @throws ConnectGone where it does not exist any more
     */
    async readStatus(id: string): Promise<string> {
      const { tierConfigRequests, requests } = connect;
      const collection = requestKind(id) === 'tierConfig' ? tierConfigRequests : requests;
      const { status } = await readRequest<{ status: string }>(id, () => collection.get(id));
      return status;
    },
  };
}
