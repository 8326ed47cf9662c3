import { z } from 'zod';
import type { ConnectClient } from '../connect/client';
import type { Parameter } from '../connect/parameter';
import { FulfillmentRequest } from '../connect/requests';
import { TierConfigRequest } from '../connect/tier-config-requests';
import { originOf, tierOriginOf } from '../domain/origin';
import type { ParamValue } from '../domain/parameters';
import type { Origin } from '../domain/selection';
import { fulfillmentContext, type Logger, tierConfigContext } from '../sdk/request-context';
import { tierParamsOf } from '../sdk/tier-params';
import type { ValidateHooks, Validation } from '../sdk/validation';
import { Refusal } from './refusal';

const Json = z.record(z.string(), z.unknown());
type Json = z.infer<typeof Json>;

/** A request that is not placed yet, as Connect sent it. */
export interface Draft {
  kind: 'fulfillment' | 'tierConfig';
  /** `PR-…` or `TCR-…`; empty where it has none yet. */
  id: string;
  /** By which it is judged whether the request would be processed. */
  origin: Origin;
  params: readonly Parameter[];
  /** Calls the vendor's function; undefined where there is none for this kind. */
  check(
    hooks: ValidateHooks,
    surroundings: { signal: AbortSignal; log: Logger },
  ): Promise<Validation | undefined> | undefined;
  /** The document with the errors and values of a validation. What it had of errors goes: the validation speaks for the whole. */
  with(validation: Validation): Json;
}

/**
 * Reads a draft of either kind, told apart by what only one of them has.
 *
 * @throws Refusal 400, which names what does not fit
 */
export function readDraft(body: unknown, connect: Pick<ConnectClient, 'tierConfigs'>): Draft {
  const document = Json.safeParse(body).data;
  if (!document) throw new Refusal(400, 'The body must be a request as JSON.');
  return 'configuration' in document ? tierConfigDraft(document) : fulfillmentDraft(document, connect);
}

function fulfillmentDraft(document: Json, connect: Pick<ConnectClient, 'tierConfigs'>): Draft {
  const asset = Json.safeParse(document['asset']).data ?? {};
  const request = parsed(FulfillmentRequest, { ...withId(document), asset: withId(asset) });
  return {
    kind: 'fulfillment',
    id: request.id,
    origin: originOf(request),
    params: request.asset.params,
    check: (hooks, surroundings) => {
      const tierParams = tierParamsOf(connect, request, surroundings.signal);
      return hooks.fulfillment?.(fulfillmentContext(request, { ...surroundings, tierParams }));
    },
    with: (validation) => ({ ...document, asset: withValidated(asset, validation) }),
  };
}

function tierConfigDraft(document: Json): Draft {
  const configuration = Json.safeParse(document['configuration']).data ?? {};
  const request = parsed(TierConfigRequest, { ...withId(document), configuration: withId(configuration) });
  return {
    kind: 'tierConfig',
    id: request.id,
    origin: tierOriginOf(request),
    params: request.params,
    check: (hooks, surroundings) => hooks.tierConfig?.(tierConfigContext(request, surroundings)),
    with: (validation) => withValidated(document, validation),
  };
}

/** What is not placed yet may lack an id. */
const withId = (part: Json): Json => ({ ...part, id: part['id'] ?? '' });

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const place = result.error.issues[0]?.path.join('.') ?? '';
  throw new Refusal(400, `The body is no request of Connect: look at "${place}".`);
}

/** @param owner whose `params` have been parsed: a list of parameters and nulls, where there is one. All else in it stays as Connect sent it */
function withValidated(owner: Json, validation: Validation): Json {
  const params = owner['params'] as (Json | null)[] | null | undefined;
  if (!params) return owner;
  return { ...owner, params: params.map((param) => param && validated(param, validation)) };
}

function validated(param: Json, { errors = {}, values = {} }: Validation): Json {
  const { structured_error: _outdated, ...rest } = param;
  const id = String(param['id']); // Connect may send a whole number
  const error = ownOf(errors, id);
  const value = ownOf<ParamValue>(values, id);
  return {
    ...rest,
    ...((error !== undefined || Boolean(param['value_error'])) && { value_error: error ?? '' }),
    ...(value !== undefined && (typeof value === 'string' ? { value } : { structured_value: value })),
  };
}

function ownOf<T>(values: Readonly<Record<string, T>>, id: string): T | undefined {
  return Object.hasOwn(values, id) ? values[id] : undefined;
}
