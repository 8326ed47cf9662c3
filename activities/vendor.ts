import { log } from '@temporalio/activity';
import type { ConnectClient } from '../src/connect/client';
import type { Parameter, ParamUpdate } from '../src/connect/parameter';
import type { FulfillmentRequest } from '../src/connect/requests';
import { changesTo, isSecret, type ParamChange } from '../src/domain/parameters';
import type { VendorAnswer } from '../src/domain/request-run';
import { fulfillmentCall, tierConfigCall } from '../src/sdk/handlers';
import type { Outcome } from '../src/sdk/outcome';
import {
  type FulfillmentContext,
  fulfillmentContext,
  type Logger,
  tierConfigContext,
} from '../src/sdk/request-context';
import type { Vendor } from '../src/sdk/vendor';
import { callHandler } from './call-handler';
import { toFailure } from './failure';
import { toConnect } from './param-updates';
import { readRequest } from './settle';
import type { TemplateKind, Templates } from './templates';

export interface VendorDependencies {
  connect: Pick<ConnectClient, 'requests' | 'tierConfigRequests' | 'tierConfigs'>;
  vendor: Vendor;
  templates: Templates;
  /** The configured template of a type of request; `chosen` is false where the name is the default that nobody chose. */
  templateName(use: 'activation' | 'inquire', productId: string, type: string): { name: string; chosen: boolean };
}

/** What the two kinds of request have in common when the vendor is asked. */
interface Subject {
  id: string;
  type: string;
  productId: string;
  params: readonly Parameter[];
  activation: TemplateKind;
  /** Undefined for a tier config request: its inquiry has no template. */
  inquiry: TemplateKind | undefined;
  save(params: ParamUpdate[]): Promise<unknown>;
}

/** The step in which the vendor decides. Called at least once for a request, so everything in it is safe to repeat. */
export function createVendorActivities({ connect, vendor, templates, templateName }: VendorDependencies) {
  /** Finds a template by the name that the handler gave, or else the configured one. */
  async function templateFor(
    subject: Subject,
    use: 'activation' | 'inquire',
    kind: TemplateKind,
    named?: string,
  ): Promise<string> {
    const configured = templateName(use, subject.productId, subject.type);
    return await templates.find({
      ...{ productId: subject.productId, ...kind },
      name: named ?? configured.name,
      anyIfOnly: named === undefined && !configured.chosen,
    });
  }

  async function ask(subject: Subject, call: () => Promise<Outcome>): Promise<VendorAnswer> {
    const { activation, inquiry } = subject;
    const templateId = await templateFor(subject, 'activation', activation); // found missing before any side effect
    const outcome = await call();
    const params = await saveSecrets(subject, outcome);

    switch (outcome.kind) {
      case 'approve': {
        const { template } = outcome;
        const named =
          template === undefined ? templateId : await templateFor(subject, 'activation', activation, template);
        return { kind: 'approve', params, templateId: named };
      }
      case 'inquire':
        return {
          kind: 'inquire',
          params,
          paramErrors: { ...outcome.paramErrors },
          ...(inquiry && { templateId: await templateFor(subject, 'inquire', inquiry, outcome.template) }),
        };
      case 'fail':
        return { kind: 'fail', params, reason: outcome.reason };
      case 'wait':
        return { kind: 'wait', params, seconds: outcome.seconds };
    }
  }

  return {
    /**
     * Reads a fulfillment request afresh, calls the vendor's handler for its type, and returns what it decided. The activation template is
     * found first. Of the parameters only those that differ are handed on, the errors of an inquiry among them; passwords are saved here and
     * handed on to nobody.
     *
     * @throws ConnectGone, TemplateMissing, ParameterMissing, VendorContract, VendorNotWritten: final
     * @throws VendorFault, VendorUnavailable, VendorTimeout, ConnectUnavailable, …: tried on
     */
    async askVendor(id: string): Promise<VendorAnswer> {
      const request = await readRequest(id, () => connect.requests.get(id));
      const call = fulfillmentCall(vendor, request.type);
      if (request.status !== 'pending') return notPending(request.status);
      if (!call) return unhandled(request.status, request.type);

      const subject: Subject = {
        ...{ id, type: request.type, productId: request.asset.product.id, params: request.asset.params },
        activation: { scope: 'asset', type: 'fulfillment' },
        inquiry: { scope: 'asset', type: 'inquire' },
        save: (params) => connect.requests.updateParams(id, params),
      };
      return await ask(subject, () =>
        callHandler(request.type, call.seconds, (signal) => {
          const tierParams = tierParamsOf(connect, request, signal);
          return call.run(fulfillmentContext(request, { signal, log: requestLog(id), tierParams }));
        }),
      );
    },

    /** The same for a tier config request. */
    async askVendorForTierConfig(id: string): Promise<VendorAnswer> {
      const request = await readRequest(id, () => connect.tierConfigRequests.get(id));
      const call = tierConfigCall(vendor);
      if (request.status !== 'pending') return notPending(request.status);
      if (!call) return unhandled(request.status, `tier-${request.type}`);

      const subject: Subject = {
        ...{ id, type: `tier-${request.type}`, productId: request.configuration.product.id, params: request.params },
        activation: { scope: request.configuration.tier_level === 2 ? 'tier2' : 'tier1' },
        inquiry: undefined,
        save: (params) => connect.tierConfigRequests.updateParams(id, params),
      };
      return await ask(subject, () =>
        callHandler('tierConfig', call.seconds, (signal) =>
          call.run(tierConfigContext(request, { signal, log: requestLog(id) })),
        ),
      );
    },
  };
}

function notPending(status: string): VendorAnswer {
  return { kind: 'noop', status, reason: `The request is ${status} in Connect, not pending.` };
}

function unhandled(status: string, type: string): VendorAnswer {
  return { kind: 'noop', status, reason: `The vendor has no handler for ${type}: the request is left for a person.` };
}

/**
 * Saves the values of password parameters at once, so that they reach neither history nor the next step. An error alone holds no value, and
 * goes with the others.
 *
 * @returns the other changes
 */
async function saveSecrets(subject: Subject, outcome: Outcome) {
  const changes = changesTo(subject.params, outcome.params, outcome.kind === 'inquire' ? outcome.paramErrors : {});
  const secret = new Set(subject.params.filter(isSecret).map(({ id }) => id));
  const holdsSecret = ({ id, value, structuredValue }: ParamChange) =>
    secret.has(id) && (value ?? structuredValue) !== undefined;
  const secrets = changes.filter(holdsSecret);
  if (secrets.length > 0) {
    try {
      await subject.save(secrets.map(toConnect));
    } catch (error) {
      const values = secrets.flatMap(({ value }) => (value ? [value] : []));
      throw toFailure(error, (text) => values.reduce((rest, value) => rest.replaceAll(value, '[redacted]'), text));
    }
  }
  return changes.filter((change) => !holdsSecret(change));
}

/** Reads the parameters of a reseller's tier configuration, once for each level. */
function tierParamsOf(
  connect: Pick<ConnectClient, 'tierConfigs'>,
  { asset }: FulfillmentRequest,
  signal: AbortSignal,
): FulfillmentContext['tierParams'] {
  const read = new Map<number, Promise<readonly Parameter[]>>();
  return (level) => {
    const account = asset.tiers[`tier${level}`]?.id;
    if (!account) return Promise.resolve([]);
    const params =
      read.get(level) ?? connect.tierConfigs.paramsOf({ account, product: asset.product.id, level }, { signal });
    read.set(level, params);
    return params;
  };
}

function requestLog(requestId: string): Logger {
  const at = (level: keyof Logger) => (message: string, fields?: Record<string, unknown>) =>
    void log[level](message, { ...fields, requestId });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
