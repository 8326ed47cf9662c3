/** The task queue that workflows and activities share, unless `TASK_QUEUE` names another. */
export const DEFAULT_TASK_QUEUE = 'connect-processor';

/** The schedule that triggers a round. Its runs are `poll-<nominal time>`. */
export const POLL_SCHEDULE_ID = 'poll';

/** The schedule that reports a product's usage. Its runs are `usage-PRD-…-<nominal time>`. */
export const usageScheduleId = (productId: string) => `usage-${productId}`;

/** The two kinds of request that Connect sends, each with a workflow type of its own. */
export type RequestKind = 'fulfillment' | 'tierConfig';

/**
 * Which kind of request an id names. A workflow's id is the Connect id, so this also tells a request's workflow.
 *
 * @param id `PR-…` or `TCR-…`
 * @returns undefined for any other id
 */
export function requestKind(id: string): RequestKind | undefined {
  if (/^PR-[\w-]+$/.test(id)) return 'fulfillment';
  if (/^TCR-[\w-]+$/.test(id)) return 'tierConfig';
  return undefined;
}

/** The workflow type of each kind: the name that the Web UI shows. */
export const WORKFLOW_TYPE = {
  fulfillment: 'fulfillmentRequest',
  tierConfig: 'tierConfigRequest',
  poll: 'pollConnect',
  usageReport: 'reportUsage',
  usageFile: 'usageFile',
  scheduledUsage: 'scheduledUsage',
} as const;
