import type { Config } from '../../config';
import { createConnectClient } from '../../connect/client';
import type { Webhook } from '../../connect/webhooks';
import type { Vendors } from '../../sdk/vendor';
import { isThisMachine } from '../../this-machine';
import { connectTrouble } from './connect';
import { type Finding, good, note, wrong } from './finding';
import { concerning, elsewhere, nameOf, passOver, type Planned, planOf, wantedWebhooks } from '../webhook-plan';

const APPLY = 'An operator runs `connect-processor webhooks apply`';

/** Does Connect call where it is to call, with what the vendor answers to? Nothing is said where nobody listens and no hook waits for it. */
export async function* checkListening(config: Config, vendors: Vendors): AsyncGenerator<Finding> {
  const { port, webhookSecret: secret, webhookUrl: url, actionSecrets } = config.listen;
  if (port !== undefined && secret === undefined && actionSecrets.length === 0) {
    yield wrong(
      'LISTEN_PORT is set, and neither WEBHOOK_SECRET nor ACTION_SECRET: there is nothing to listen for, and a worker does not start',
      'An operator sets one of them, or takes LISTEN_PORT away.',
    );
  }
  yield* checkHooks(config, vendors);
  if (url !== undefined) yield* checkUrl(url, config.connect.url);
  if (url !== undefined && secret !== undefined) yield* checkWebhooks(config, vendors, { url, secret });
  else if (url !== undefined) {
    yield wrong(
      'WEBHOOK_URL is set, and WEBHOOK_SECRET is not: no webhook is answered, and none can be made',
      'An operator sets WEBHOOK_SECRET, for example to what `openssl rand -hex 32` prints.',
    );
  } else if (secret !== undefined) {
    yield note(
      'WEBHOOK_URL is not set: whether Connect has the webhooks was not looked at',
      'An operator sets it to where Connect reaches the listener, and runs `connect-processor webhooks apply`.',
    );
  }
}

/** A hook that nobody can call, and a secret that nobody answers to. */
function* checkHooks({ listen }: Config, vendors: Vendors): Generator<Finding> {
  const [validate, action] = (['validate', 'action'] as const).map((hook) =>
    [...vendors.values()].some((vendor) => vendor[hook]),
  );
  if (validate && listen.webhookSecret === undefined) {
    yield note(
      'the vendor has the hook `validate`, and WEBHOOK_SECRET is not set: drafts pass without being checked',
      'To have them checked, an operator sets WEBHOOK_SECRET and WEBHOOK_URL: docs/listen.md.',
    );
  }
  if (action && listen.actionSecrets.length === 0) {
    yield note(
      'the vendor has the hook `action`, and ACTION_SECRET is not set: product actions are answered with 404',
      'To have them answered, an operator sets it to the secret that Connect shows beside the action.',
    );
  }
  if (!action && listen.actionSecrets.length > 0) {
    yield note(
      'ACTION_SECRET is set, and the vendor has no hook `action`: product actions are answered with 404',
      "The vendor's developer writes it, or an operator takes ACTION_SECRET away.",
    );
  }
}

function* checkUrl(url: string, connectUrl: string): Generator<Finding> {
  if (isThisMachine(connectUrl)) return; // the sandbox calls wherever it is told to
  if (isThisMachine(url)) {
    yield wrong(
      `WEBHOOK_URL ${url} leads to this machine, where Connect cannot reach it`,
      'An operator sets it to the address of the listener as the internet knows it.',
    );
  } else if (new URL(url).protocol !== 'https:') {
    yield wrong(
      `WEBHOOK_URL ${url} is not https: orders and tokens would cross the internet for everybody to read`,
      'An operator puts a proxy that ends TLS before the listener, and sets WEBHOOK_URL to its https address.',
    );
  }
}

/** Those that `webhooks apply` would make, beside those that Connect has. */
async function* checkWebhooks(
  { connect: options, selections }: Config,
  vendors: Vendors,
  call: { url: string; secret: string },
): AsyncGenerator<Finding> {
  const { products } = options;
  const connect = createConnectClient({ ...options, timeoutMs: 15_000 });
  try {
    const found = concerning(await connect.webhooks.all(), products, call.url);
    const { passedOver, rest } = passOver(found, selections, call.url);
    const { planned, superfluous } = planOf(wantedWebhooks({ vendors, selections }, call), rest);
    const taken = new Set(elsewhere(rest, call.url));
    for (const webhook of passedOver) {
      yield good(
        `webhook ${nameOf(webhook)} calls ${webhook.external_url}: passed over, since the product is switched off here`,
      );
    }
    for (const webhook of taken) yield takenFinding(webhook);
    for (const one of planned) if (!one.found || !taken.has(one.found)) yield webhookFinding(one);
    for (const webhook of superfluous) {
      if (taken.has(webhook)) continue;
      yield note(
        `${webhook.id} is a webhook that nobody needs any more: ${nameOf(webhook)}`,
        `${APPLY}, which removes it.`,
      );
    }
  } catch (error) {
    yield connectTrouble(error, { connect: options }, 'webhooks, and for `webhooks apply` to change them,');
  } finally {
    await connect.close();
  }
}

function takenFinding(webhook: Webhook): Finding {
  return wrong(
    `webhook ${nameOf(webhook)}, ${webhook.id}, calls ${webhook.external_url}, elsewhere than WEBHOOK_URL`,
    'Where no other deployment lives by it, an operator runs `connect-processor webhooks apply --take-over`. Else this one gets products of its own, or does without webhooks.',
  );
}

function webhookFinding({ webhook, found, differs }: Planned): Finding {
  const what = `webhook ${nameOf(webhook)}`;
  if (!found) return wrong(`${what} is not in Connect`, `${APPLY}.`);
  const told = differs.filter((name) => name !== 'jwt_secret' || found.jwt_secret !== ''); // empty where Connect does not tell
  if (told.length === 0) return deliveryFinding(what, found);
  if (told.includes('active')) {
    return wrong(`${what}, ${found.id}, is switched off`, `${APPLY}, which switches it on.`);
  }
  const how = told.map((name) => DIFFERENCES[name] ?? `has another ${name}`).join(', ');
  return wrong(`${what}, ${found.id}, ${how}`, `${APPLY}, which corrects it.`);
}

/** Whether Connect's calls arrive, by its own count: nothing else can tell how the listener is reached from there. */
function deliveryFinding(what: string, { id, stats, last_failure: last, external_url: url }: Webhook): Finding {
  const failed = stats?.failure_since_last_success ?? 0;
  if (failed === 0) return good(what);
  const how = last
    ? `, the last at ${last.time}, ${last.status_code ? `answered ${last.status_code}` : 'not answered'}`
    : '';
  return wrong(
    `${what}, ${id}: ${failed} of Connect's calls failed since one was answered${how}`,
    last?.status_code === 401
      ? 'An operator gives the listener the WEBHOOK_SECRET of this configuration. It is said until the next call is answered.'
      : `An operator sees that \`connect-processor listen\` runs, and that ${url} leads to it from the internet. It is said until the next call is answered.`,
  );
}

const DIFFERENCES: Partial<Record<Planned['differs'][number], string>> = {
  jwt_secret: 'signs with another secret than WEBHOOK_SECRET',
};
