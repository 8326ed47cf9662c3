/**
 * What the Web UI and `temporal workflow list` filter requests by. A Keyword has at most 255 characters.
 *
 * A closed run keeps its last phase, so ask `ConnectPhase = 'parked' AND ExecutionStatus = 'Running'`.
 */
export const CONNECT_PHASE = { name: 'ConnectPhase', type: 'KEYWORD' } as const;
/** Why a run is retrying or parked: the beginning of the error. Absent while all is well. */
export const CONNECT_REASON = { name: 'ConnectReason', type: 'KEYWORD' } as const;
/** `PRD-…` */
export const CONNECT_PRODUCT_ID = { name: 'ConnectProductId', type: 'KEYWORD' } as const;
/** `AS-…` of a fulfillment request, `TC-…` of a tier config request: what the request changes. */
export const CONNECT_ASSET_ID = { name: 'ConnectAssetId', type: 'KEYWORD' } as const;
/** `purchase`, `change`, … as Connect says; `tier-setup`, `tier-update`, `tier-adjustment` for a tier config request. */
export const CONNECT_REQUEST_TYPE = { name: 'ConnectRequestType', type: 'KEYWORD' } as const;

/** When Connect's request was created: its age. */
export const CONNECT_CREATED_AT = { name: 'ConnectCreatedAt', type: 'DATETIME' } as const;
/** The zone of its service level where Connect measures one (`sli.zone`), when its first run started: 0, and higher the longer it is late. */
export const CONNECT_SLI_ZONE = { name: 'ConnectSliZone', type: 'INT' } as const;

/** What a usage report, or a usage file, found that somebody should look at: `zero`, `skipped`, `differs`. */
export const CONNECT_FINDING = { name: 'ConnectFinding', type: 'KEYWORD' } as const;

/** All of them, to be registered with a namespace before a worker starts. */
export const SEARCH_ATTRIBUTES = [
  CONNECT_PHASE,
  CONNECT_REASON,
  CONNECT_PRODUCT_ID,
  CONNECT_ASSET_ID,
  CONNECT_REQUEST_TYPE,
  CONNECT_CREATED_AT,
  CONNECT_SLI_ZONE,
  CONNECT_FINDING,
] as const;

/** The longest value that a Keyword may have. */
export const KEYWORD_LIMIT = 255;

/** The filter of runs that are in a phase now. */
export function inPhase(phase: 'retrying' | 'parked'): string {
  return `ConnectPhase = '${phase}' AND ExecutionStatus = 'Running'`;
}
