import { type Logger, Runtime } from '@temporalio/worker';
import { type Config, secretsOf } from '../config';
import { type ConnectClient, createConnectClient } from '../connect/client';
import { createRedactor } from '../domain/redact';
import { createListener, type ListenerOptions } from '../http/server';
import { createWaker } from '../http/waker';
import type { Vendors } from '../sdk/vendor';
import { connectTemporal } from '../temporal/client';
import { UsageError } from './command';
import { cannotListen } from './cannot-listen';
import { type Wake, wakeRound } from './wake-round';

const DEFAULT_PORT = 8080;

/** Something that answers calls. */
export interface Listener {
  /** Answers what has come in, and nothing more. */
  close(): Promise<void>;
}

/**
 * Opens the doors that Connect calls, with what they stand on.
 *
 * @throws UsageError where there is no secret, hence nothing to answer
 * @throws TemporalUnreachable where webhooks are to be answered, which wake rounds
 * @throws Error where the port is taken, or the address is not of this machine
 */
export async function openListener(config: Config, vendors: Vendors, log: Logger): Promise<Listener> {
  const { listen, connect } = config;
  const { port = DEFAULT_PORT, host } = listen;
  if (listen.webhookSecret === undefined && listen.actionSecrets.length === 0) {
    throw new UsageError(
      'There is nothing to listen for: set WEBHOOK_SECRET, ACTION_SECRET or both. See docs/listen.md.',
    );
  }
  const temporal = listen.webhookSecret === undefined ? undefined : await connectTemporal(); // product actions need none
  const client = createConnectClient(connect);
  const counters = createCounters();
  const waker = createWaker({
    trigger: async () => {
      if (!temporal) return;
      try {
        counters.wake(await wakeRound(temporal.client));
      } catch (error) {
        counters.wake('failed');
        log.warn('a webhook could not wake a round; the next one by the schedule sees what it was about', { error });
      }
    },
  });
  const actionOf = actionHooks(vendors, client);
  const app = await createListener({
    ...listen,
    wake: waker.wake,
    actionOf,
    validation: {
      hooksOf: (productId) => vendors.get(productId)?.validate,
      selectionOf: (productId) => config.selections[productId],
      connect: client,
      timeLimitMs: listen.validationMs,
      strict: listen.validationStrict,
      redact: createRedactor(secretsOf(config)),
      count: counters.validation,
    },
    log,
    count: counters.call,
  });
  const close = async () => {
    await app.close();
    await waker.close();
    await Promise.all([client.close(), temporal?.close()]);
  };
  try {
    await app.listen({ port, host });
  } catch (error) {
    await close();
    throw cannotListen(error, { port: ['LISTEN_PORT', port], host: ['LISTEN_HOST', host] });
  }
  log.info('listens', {
    host,
    port,
    webhooks: listen.webhookSecret !== undefined,
    actions: listen.actionSecrets.length > 0 && actionOf !== undefined,
  });
  return { close };
}

/**
 * Finds whose product action it is. Connect signs no product: where there are several vendors, it is asked for that of the subscription, or of
 * the configuration.
 *
 * @returns undefined where no vendor has an action
 */
export function actionHooks(
  vendors: Vendors,
  { assets, tierConfigs }: Pick<ConnectClient, 'assets' | 'tierConfigs'>,
): ListenerOptions['actionOf'] {
  const [first, ...others] = new Set([...vendors.values()].map(({ action }) => action));
  if (others.length === 0) return first && (() => Promise.resolve(first));
  return async ({ assetId, configurationId }, signal) => {
    if (assetId !== undefined) return vendors.get((await assets.get(assetId, { signal })).product.id)?.action;
    if (configurationId === undefined) return undefined;
    return vendors.get((await tierConfigs.get(configurationId, { signal })).product.id)?.action;
  };
}

function createCounters(): {
  call: ListenerOptions['count'];
  validation: ListenerOptions['validation']['count'];
  wake(outcome: Wake | 'failed'): void;
} {
  const { metricMeter } = Runtime.instance();
  const calls = metricMeter.createCounter('connect_listen_calls', 'calls', 'Calls from outside by door and status');
  const validations = metricMeter.createCounter('connect_validations', 'drafts', 'Drafts by kind and outcome');
  const wakes = metricMeter.createCounter('connect_round_wakes', 'rounds', 'Rounds that webhooks woke, by outcome');
  return {
    call: (door, status) => calls.add(1, { door, status: String(status) }),
    validation: (kind, outcome) => validations.add(1, { kind, outcome }),
    wake: (outcome) => wakes.add(1, { outcome }),
  };
}
