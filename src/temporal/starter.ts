import {
  type Client,
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/client';
import { WORKFLOW_TYPE, requestKind } from '../domain/ids';
import type { Patience, RequestInput, StartRequest } from '../domain/request-run';
import {
  CONNECT_ASSET_ID,
  CONNECT_CREATED_AT,
  CONNECT_PHASE,
  CONNECT_PRODUCT_ID,
  CONNECT_REQUEST_TYPE,
  CONNECT_SLI_ZONE,
} from '../domain/search-attributes';

/**
 * The only place that starts a request's workflow, so that policies, summary and search attributes are the same for all.
 *
 * One run at a time: while one is open, a second start is refused. Once it is closed, a later round may start the next, which finds in
 * Connect whether there is anything to do.
 *
 * @returns a function that throws a RangeError where the request itself cannot be started, whoever asks for it and however often
 */
export function createStarter(client: Client, options: { taskQueue: string; patience: Patience }): StartRequest {
  return async ({ id, type, productId, assetId, created, sliZone, handlerSeconds, releases }) => {
    const kind = requestKind(id);
    if (!kind)
      throw new RangeError(`"${id}" is no id of a fulfillment request (PR-…) or a tier config request (TCR-…).`);

    const about = `${type}${productId ? ` of ${productId}` : ''}${assetId ? ` for ${assetId}` : ''}`;
    const input: RequestInput = {
      id,
      type,
      about,
      patience: options.patience,
      ...(handlerSeconds && { handlerSeconds }),
      ...(releases && { releases }),
    };
    try {
      await client.workflow.start(WORKFLOW_TYPE[kind], {
        workflowId: id,
        workflowIdConflictPolicy: 'FAIL',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        taskQueue: options.taskQueue,
        workflowTaskTimeout: '5 s',
        args: [input],
        staticSummary: about,
        typedSearchAttributes: [
          { key: CONNECT_PHASE, value: 'running' },
          { key: CONNECT_REQUEST_TYPE, value: type },
          ...(productId ? [{ key: CONNECT_PRODUCT_ID, value: productId }] : []),
          ...(assetId ? [{ key: CONNECT_ASSET_ID, value: assetId }] : []),
          ...(created ? [{ key: CONNECT_CREATED_AT, value: new Date(created) }] : []),
          ...(sliZone === undefined ? [] : [{ key: CONNECT_SLI_ZONE, value: sliZone }]),
        ],
      });
      return 'started';
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return 'running';
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      throw new RangeError(`Temporal refuses to start a workflow for ${id}: ${refusal}`, { cause: error });
    }
  };
}

const INVALID_ARGUMENT = 3; // status code of gRPC

/**
 * Why Temporal refuses this id or these values; undefined for any other error. It has the same code where the namespace lacks our search
 * attributes, which concerns every request.
 */
function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof ServiceError) || !isGrpcServiceError(error.cause)) return undefined;
  const { code, details } = error.cause;
  return Number(code) === INVALID_ARGUMENT && !details.includes('no mapping defined for search attribute')
    ? details
    : undefined;
}
