import { ApplicationFailure } from '@temporalio/common';
import { createTemplates, type TemplateKind, type TemplateQuery } from '../../../activities/templates';
import type { Config } from '../../config';
import { type ConnectClient, createConnectClient } from '../../connect/client';
import { ConnectApiError } from '../../connect/errors';
import { and, eq, oneOf } from '../../connect/rql';
import { FailureType } from '../../domain/failure-type';
import { callFor, REQUEST_TYPES } from '../../sdk/handlers';
import type { Vendor, Vendors } from '../../sdk/vendor';
import { templateName } from '../../template-name';
import { type Finding, good, messageOf, note, wrong } from './finding';
import { checkPayAsYouGo } from './usage';
import { inUtc } from '../in-utc';
import { connectTodo } from '../connect-todo';
import { type Deployment, OVERDUE_TODO, overdueNow } from '../requests/pending-now';

type Definitions = Awaited<ReturnType<ConnectClient['products']['parameters']>>;

/** A product under check. */
interface Subject {
  id: string;
  /** Of all its parameters, in every scope. */
  definitions: Definitions;
  /** The tier levels whose resellers have a configuration: Connect makes one where the product has a parameter of that scope. */
  levels: ('tier1' | 'tier2')[];
}

/** Does the key work, does each product have what the handlers need, and can the requests be read? */
export async function* checkConnect(config: Config, vendors: Vendors): AsyncGenerator<Finding> {
  const connect = createConnectClient({ ...config.connect, timeoutMs: 15_000 });
  try {
    for (const [id, vendor] of vendors) {
      try {
        const { name, capabilities } = await connect.products.get(id);
        yield good(`product ${id} "${name}"`);
        yield* checkPayAsYouGo(id, capabilities?.ppu, config, vendors);
      } catch (error) {
        yield productTrouble(error, id, config);
        if (concernsAll(error)) return;
        continue;
      }
      try {
        const definitions = await connect.products.parameters(id);
        const levels = (['tier1', 'tier2'] as const).filter((level) =>
          definitions.some(({ scope }) => scope === level),
        );
        const subject = { id, definitions, levels };
        yield* checkTiers(vendor, subject);
        yield* checkTemplates(connect, config, vendor, subject);
        yield* checkParameters(vendor, subject);
      } catch (error) {
        yield connectTrouble(error, config, 'the product with its templates and parameters');
      }
    }
    yield* checkRequests(connect, { config, vendors });
  } finally {
    await connect.close();
  }
}

/** May the key list what a round lists? One of each is enough. And has Connect put back what was scheduled? */
async function* checkRequests(connect: ConnectClient, deployment: Deployment): AsyncGenerator<Finding> {
  const { config } = deployment;
  const pending = (product: string) => ({
    filter: and(eq('status', 'pending'), oneOf(product, config.connect.products)),
    limit: 1,
  });
  const requests = connect.requests.list(pending('asset.product.id'));
  const tierRequests = connect.tierConfigRequests.list(pending('configuration.product.id'));
  const mayRead = yield* checkList('fulfillment requests', requests, config);
  yield* checkList('tier config requests', tierRequests, config);
  if (mayRead) yield* checkOverdue(connect, deployment);
}

/** @returns whether the key may read it */
async function* checkList(
  what: string,
  list: AsyncIterator<unknown>,
  config: Config,
): AsyncGenerator<Finding, boolean> {
  try {
    await list.next(); // the first page; what is on it does not matter
    yield good(`the key may read ${what}`);
    return true;
  } catch (error) {
    yield connectTrouble(error, config, what);
    return false;
  }
}

/** Where something is overdue, nothing is amiss with the deployment: a note. */
async function* checkOverdue(connect: ConnectClient, deployment: Deployment): AsyncGenerator<Finding> {
  try {
    const overdue = await overdueNow(connect, deployment);
    if (overdue.length === 0) yield good('no scheduled request is overdue');
    for (const { id, type, plannedDate } of overdue) {
      yield note(`${id}, a ${type}, is scheduled in Connect and overdue since ${inUtc(plannedDate)}`, OVERDUE_TODO);
    }
  } catch (error) {
    yield connectTrouble(error, deployment.config, 'fulfillment requests');
  }
}

const statusOf = (error: unknown) => (error instanceof ConnectApiError ? error.status : undefined);

/** By Connect's own word: anybody answers 404. */
const isUnknown = (error: unknown) => error instanceof ConnectApiError && error.status === 404 && error.fromConnect;

/** False where another product may fare better. */
const concernsAll = (error: unknown) => statusOf(error) !== 403 && !isUnknown(error);

function productTrouble(error: unknown, productId: string, config: Config): Finding {
  if (!isUnknown(error)) return connectTrouble(error, config, 'products');
  return wrong(
    `product ${productId} does not exist for this key`,
    'Correct CONNECT_PRODUCTS, or give the token the rights of the account that owns the product.',
  );
}

/** @param what could not be read */
export function connectTrouble(error: unknown, { connect }: Pick<Config, 'connect'>, what: string): Finding {
  const todo = connectTodo(error, connect.url, `to read ${what}`);
  return wrong(messageOf(error), todo ?? 'Check CONNECT_API_URL and the network to it.');
}

/** Connect holds a purchase back until the reseller's configuration is approved, so nobody may be missing who does that. */
function* checkTiers(vendor: Vendor, { id, levels }: Subject): Generator<Finding> {
  if (levels.length === 0 || vendor.tierConfig) return;
  yield wrong(
    `${id} has parameters of scope ${levels.join(' and ')}, and the vendor has no handler \`tierConfig\`: its tier config requests stay pending, and the purchases behind them wait`,
    "The vendor's developer writes `tierConfig`; until then somebody approves these requests in the Connect portal. Or whoever owns the product takes these parameters out of it.",
  );
}

/** Each template that some handled type of request needs, as a run would look for it. */
async function* checkTemplates(
  connect: ConnectClient,
  config: Config,
  vendor: Vendor,
  subject: Subject,
): AsyncGenerator<Finding> {
  const templates = createTemplates(connect);
  for (const [what, { query, types }] of templatesNeeded(config, vendor, subject)) {
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
function templatesNeeded(config: Config, vendor: Vendor, { id: productId, levels }: Subject) {
  const needed = new Map<string, { query: TemplateQuery; types: string[] }>();
  // A revocation is confirmed without one.
  for (const type of REQUEST_TYPES.filter((type) => type !== 'revoke' && callFor(vendor, type))) {
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

/** What the handlers save, as far as the vendor says so. */
function* checkParameters(
  { writes = {} }: Vendor,
  { id: productId, definitions, levels }: Subject,
): Generator<Finding> {
  for (const scope of ['asset', ...levels] as const) {
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
