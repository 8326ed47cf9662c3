import { ApplicationFailure } from '@temporalio/common';
import { createTemplates, type TemplateKind, type TemplateQuery } from '../../activities/templates';
import type { Config } from '../config';
import { type ConnectClient, createConnectClient } from '../connect/client';
import { ConnectApiError } from '../connect/errors';
import { FailureType } from '../domain/failure-type';
import { callFor, REQUEST_TYPES } from '../sdk/handlers';
import type { Vendor } from '../sdk/vendor';
import { templateName } from '../template-name';
import { connectTemporal } from '../temporal/client';
import { describeSchedule } from '../temporal/schedules';
import { searchAttributeProblems } from '../temporal/search-attributes';

/** What was looked at. Where it is wrong, `todo` says what to do. */
export type Finding = { ok: true; text: string } | { ok: false; text: string; todo: string };

const good = (text: string): Finding => ({ ok: true, text });
const wrong = (text: string, todo: string): Finding => ({ ok: false, text, todo });
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Is the server there, does it know our search attributes, does one schedule poll for this deployment and no other? */
export async function* checkTemporal({ taskQueue }: Config): AsyncGenerator<Finding> {
  let temporal;
  try {
    temporal = await connectTemporal();
  } catch (error) {
    yield wrong(messageOf(error), 'Every other check of Temporal waits for this one.');
    return;
  }
  const { client, address, namespace, close } = temporal;
  try {
    yield good(`Temporal answers at ${address}, namespace "${namespace}"`);
    const problems = await searchAttributeProblems(client);
    if (problems.length > 0)
      yield wrong(
        `search attributes: ${problems.join('; ')}`,
        'Run `connect-processor schedules apply`, which registers them.',
      );
    else yield good('search attributes are registered');

    const schedule = await describeSchedule(client);
    const { action } = schedule ?? {};
    if (!schedule) {
      yield wrong('no schedule polls Connect', 'Run `connect-processor schedules apply` once.');
      return;
    }
    if (schedule.state.paused) {
      yield wrong(`the schedule is paused: ${schedule.state.note ?? ''}`, 'Run `connect-processor schedules resume`.');
    }
    if (action?.type === 'startWorkflow' && action.taskQueue !== taskQueue) {
      yield wrong(
        `the schedule of namespace "${namespace}" polls for task queue "${action.taskQueue}", not for "${taskQueue}"`,
        'One deployment for each namespace: give this one a namespace of its own (TEMPORAL_NAMESPACE), or set TASK_QUEUE to that queue.',
      );
    } else yield good(`a schedule polls Connect for task queue "${taskQueue}"`);
  } catch (error) {
    yield wrong(`Temporal: ${messageOf(error)}`, 'Check TEMPORAL_NAMESPACE and the rights of TEMPORAL_API_KEY.');
  } finally {
    await close();
  }
}

/** Does the key work, and does each product have what the handlers need? */
export async function* checkConnect(config: Config, vendor: Vendor): AsyncGenerator<Finding> {
  const connect = createConnectClient({ ...config.connect, timeoutMs: 15_000 });
  try {
    for (const productId of config.connect.products) {
      try {
        const { name } = await connect.products.get(productId);
        yield good(`product ${productId} "${name}"`);
      } catch (error) {
        const status = error instanceof ConnectApiError ? error.status : undefined;
        if (status === 401) {
          yield wrong(messageOf(error), 'Check CONNECT_API_KEY: Connect does not know it.');
          return;
        }
        if (status === 404) {
          yield wrong(
            `product ${productId} does not exist for this key`,
            'Correct CONNECT_PRODUCTS, or give the token the rights of the account that owns the product.',
          );
          continue;
        }
        if (status === 403) {
          yield wrong(messageOf(error), 'Give the token the right to read products in the Connect portal.');
          continue;
        }
        yield wrong(messageOf(error), 'Check CONNECT_API_URL and the network to it.');
        return;
      }
      try {
        yield* checkTemplates(connect, config, vendor, productId);
        yield* checkParameters(connect, vendor, productId);
      } catch (error) {
        yield wrong(
          messageOf(error),
          'Give the token the right to read the product with its templates and parameters.',
        );
      }
    }
  } finally {
    await connect.close();
  }
}

/** Each template that some handled type of request needs, as a run would look for it. */
async function* checkTemplates(
  connect: ConnectClient,
  config: Config,
  vendor: Vendor,
  productId: string,
): AsyncGenerator<Finding> {
  const templates = createTemplates(connect);
  for (const [what, { query, types }] of await templatesNeeded(connect, config, vendor, productId)) {
    const text = `${what}, for ${types.join(', ')}`;
    try {
      await templates.find(query);
      yield good(text);
    } catch (error) {
      if (!(error instanceof ApplicationFailure) || error.type !== FailureType.TEMPLATE_MISSING) throw error;
      yield wrong(
        `${text}: ${error.message}`,
        'Name an existing one (CONNECT_ACTIVATION_TEMPLATE, CONNECT_INQUIRE_TEMPLATE, or `templates` in the file), or create it in the Connect portal.',
      );
    }
  }
}

/** By what they are: those that serve several types of request stand once. */
async function templatesNeeded(connect: ConnectClient, config: Config, vendor: Vendor, productId: string) {
  const levels = await tierLevels(connect, productId);
  const needed = new Map<string, { query: TemplateQuery; types: string[] }>();
  for (const type of REQUEST_TYPES.filter((type) => callFor(vendor, type))) {
    const kinds: [use: 'activation' | 'inquire', kind: TemplateKind][] = type.startsWith('tier-')
      ? levels.map((scope) => ['activation', { scope }])
      : [
          ['activation', { scope: 'asset', type: 'fulfillment' }],
          ['inquire', { scope: 'asset', type: 'inquire' }],
        ];
    for (const [use, kind] of kinds) {
      const { name, chosen } = templateName(config.templates, use, productId, type);
      const what = `${productId}: ${use} template "${name}", scope ${kind.scope}`;
      const entry = needed.get(what) ?? { query: { productId, ...kind, name, anyIfOnly: !chosen }, types: [] };
      needed.set(what, { ...entry, types: [...entry.types, type] });
    }
  }
  return needed;
}

async function tierLevels(connect: ConnectClient, productId: string) {
  const scopes = new Set((await connect.products.parameters(productId)).map(({ scope }) => scope));
  return (['tier1', 'tier2'] as const).filter((level) => scopes.has(level));
}

async function* checkParameters(
  connect: ConnectClient,
  { writes = {} }: Vendor,
  productId: string,
): AsyncGenerator<Finding> {
  const definitions = await connect.products.parameters(productId);
  for (const scope of ['asset', 'tier1', 'tier2'] as const) {
    if (scope !== 'asset' && !definitions.some((definition) => definition.scope === scope)) continue;
    for (const id of writes[scope] ?? []) {
      const named = definitions.filter((definition) => [definition.id, definition.name].includes(id));
      const found = named.find((definition) => definition.scope === scope);
      const what = `${productId}: parameter "${id}" of scope ${scope}`;
      if (!found)
        yield wrong(
          `${what} does not exist`,
          'Create it in the product, phase fulfillment, or correct the id in the handler.',
        );
      else if (found.phase !== 'fulfillment')
        yield wrong(
          `${what} is of phase ${found.phase}`,
          'A vendor fills parameters of phase fulfillment: create one.',
        );
      else yield good(what);
    }
  }
}

export async function* checkVendorApi(vendor: Vendor): AsyncGenerator<Finding> {
  if (!vendor.check) return;
  try {
    await vendor.check(AbortSignal.timeout(15_000));
    yield good("the vendor's API answers");
  } catch (error) {
    yield wrong(
      `the vendor's API: ${messageOf(error)}`,
      'Check VENDOR_API_URL and VENDOR_API_KEY, and the API itself.',
    );
  }
}
