import { log } from '@temporalio/activity';
import type { PendingRequest } from './pending';

export type Unhandled = ReturnType<typeof createUnhandled>;

/** Leaves requests to a person whose type the vendor does not handle, and says so once for each, not in every round. */
export function createUnhandled(handles: (type: string) => boolean) {
  const said = new Set<string>();

  return {
    /** @returns the others; one that could not be read among them, for its run to show */
    handledOf(requests: readonly PendingRequest[]): PendingRequest[] {
      return requests.filter(({ id, type }) => {
        if (type === '' || handles(type)) return true;
        if (!said.has(id)) {
          log.warn('left pending: the vendor has no handler for this type of request', { requestId: id, type });
        }
        said.add(id);
        return false;
      });
    },

    /** @param pending all that is pending: what is not, may be said again */
    forgetAllBut(pending: ReadonlyMap<string, unknown>): void {
      for (const id of said) if (!pending.has(id)) said.delete(id);
    },
  };
}
