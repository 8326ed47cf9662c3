import {
  Client,
  Connection,
  type ConnectionLike,
  defaultGrpcRetryOptions,
  isGrpcDeadlineError,
  isGrpcServiceError,
  makeGrpcRetryInterceptor,
  ServiceError,
} from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { temporalSettings } from './settings';
import { NATIVE_STATUS, reasonOf, TemporalUnreachable } from './unreachable';

/** A client and what it stands on; close it when done. */
export interface TemporalClient {
  client: Client;
  connection: Connection;
  address: string;
  namespace: string;
  close(): Promise<void>;
}

const withRetries = makeGrpcRetryInterceptor(defaultGrpcRetryOptions()); // as the client has them by itself

/** Ends a call for which nobody else has set an end: without it, a server that hangs is waited for forever. */
const impatient =
  (callTimeoutMs: number): typeof withRetries =>
  (options, nextCall) =>
    withRetries({ ...options, deadline: options.deadline ?? Date.now() + callTimeoutMs }, nextCall);

/**
 * @param env the variables to go by; default this process's own
 * @param callTimeoutMs how long the server has for each call, with its retries; default 30 s, as a worker gives it
 * @throws TemporalUnreachable, which names the address and the variable; BadTemporalSettings
 */
export async function connectTemporal(env?: Record<string, string>, callTimeoutMs = 30_000): Promise<TemporalClient> {
  const { connectionOptions, address, namespace } = temporalSettings(env);
  try {
    const interceptors = [impatient(callTimeoutMs)];
    const connection = await Connection.connect({ ...connectionOptions, interceptors, connectTimeout: '5 s' });
    return {
      client: temporalClient(connection, namespace),
      connection,
      address,
      namespace,
      close: () => connection.close(),
    };
  } catch (error) {
    throw new TemporalUnreachable(address, error);
  }
}

/** Connects for as long as it takes. @throws TemporalUnreachable, also where the server goes away meanwhile; NamespaceMissing; AttributesMissing */
export async function withTemporal<T>(use: (temporal: TemporalClient) => Promise<T>): Promise<T> {
  const temporal = await connectTemporal();
  try {
    return await use(temporal);
  } catch (error) {
    if (lacksNamespace(error)) throw new NamespaceMissing(temporal, error);
    if (isUnreachable(error)) throw new TemporalUnreachable(temporal.address, error);
    if (lacksAttributes(error)) throw new AttributesMissing(temporal, error);
    throw error instanceof ServiceError ? new Error(reasonOf(error), { cause: error }) : error; // by itself it keeps the server's words back
  } finally {
    await temporal.close();
  }
}

/** A client on a connection that somebody else owns, for example a worker's. */
export function temporalClient(connection: ConnectionLike, namespace: string): Client {
  return new Client({ connection, namespace });
}

const UNAVAILABLE = 14; // gRPC's number

/** True where a call has failed for want of a server, or of its answer; the client wraps such an error, and the worker says it in words alone. */
export function isUnreachable(error: unknown): boolean {
  if (isGrpcServiceError(error)) return Number(error.code) === UNAVAILABLE || isGrpcDeadlineError(error);
  if (!(error instanceof Error)) return false;
  return NATIVE_STATUS.test(error.message) || isUnreachable(error.cause);
}

/** The server answers, and has no such namespace. */
class NamespaceMissing extends Error {
  constructor({ address, namespace }: Pick<TemporalClient, 'address' | 'namespace'>, cause: unknown) {
    super(
      `The Temporal server at ${address} has no namespace "${namespace}". Correct TEMPORAL_NAMESPACE, or have an operator create it: temporal operator namespace create --namespace ${namespace}`,
      { cause },
    );
    this.name = 'NamespaceMissing';
  }
}

/** The client has an error of its own for this; the services that it does not wrap say it in words alone. */
function lacksNamespace(error: unknown): boolean {
  if (error instanceof NamespaceNotFoundError) return true;
  return isGrpcServiceError(error) && /^Namespace .* not found/.test(error.details);
}

/** Nobody has set the namespace up yet. */
class AttributesMissing extends Error {
  constructor({ namespace }: Pick<TemporalClient, 'namespace'>, cause: unknown) {
    super(
      `Namespace "${namespace}" lacks search attributes. Run \`connect-processor schedules apply\`, which registers them.`,
      { cause },
    );
    this.name = 'AttributesMissing';
  }
}

/** The server says it in words alone: of what is listed, and of what is started. */
function lacksAttributes(error: unknown): boolean {
  return (
    error instanceof ServiceError &&
    /is not a valid search attribute|no mapping defined for search attribute/.test(reasonOf(error))
  );
}
