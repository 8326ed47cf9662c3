import { Command } from 'commander';
import { type CommandContext, UsageError } from './command';
import type { Config } from '../config';
import { type ConnectClient, createConnectClient } from '../connect/client';
import type { NewWebhook, Webhook } from '../connect/webhooks';
import { TIER_CONFIG_VALIDATORS, validatorsOf } from '../sdk/validation';
import type { Vendors } from '../sdk/vendor';
import { print, printTable } from './print';

export function webhooksCommand(command: Command, context: CommandContext): Command {
  return command.addCommand(apply(context)).addCommand(show(context)).addCommand(remove(context));
}

/** By its label a webhook is ours; whatever has another one is somebody else's. */
const LABEL = 'connect-processor: ';
const isOurs = ({ label }: Webhook) => label.startsWith(LABEL);

function apply(context: CommandContext): Command {
  return new Command('apply')
    .description('Make the webhooks in Connect match the configuration and the vendor; safe to repeat')
    .action(async () => {
      const config = context.config();
      const wanted = wantedWebhooks(config, await context.vendors(config));
      await withConnect(config, async (connect) => {
        const left = (await connect.webhooks.ofProducts(config.connect.products)).filter(isOurs);
        for (const webhook of wanted) print(await applyOne(connect, webhook, left));
        for (const { id, label, product } of left) {
          await connect.webhooks.delete(id);
          print(`${id} removed: ${product?.id} ${label.slice(LABEL.length)}`);
        }
      });
    });
}

/** @param ours those that are there already; the one that is met is taken out of them */
async function applyOne(connect: ConnectClient, webhook: NewWebhook, ours: Webhook[]): Promise<string> {
  const at = ours.findIndex(({ label, product }) => label === webhook.label && product?.id === webhook.product_id);
  const [found] = at < 0 ? [] : ours.splice(at, 1);
  const what = `${webhook.product_id} ${webhook.label.slice(LABEL.length)}`;
  if (found === undefined) return `${(await connect.webhooks.create(webhook)).id} created: ${what}`;
  if (isAlike(found, webhook)) return `${found.id} unchanged: ${what}`;
  await connect.webhooks.update(found.id, webhook);
  return `${found.id} updated: ${what}`;
}

function isAlike(found: Webhook, wanted: NewWebhook): boolean {
  const names = ['type', 'object_class', 'external_url', 'jwt_secret', 'active', 'http_method'] as const;
  return names.every((name) => found[name] === wanted[name]);
}

function show(context: CommandContext): Command {
  return new Command('show')
    .description('The webhooks of the products, others than ours too')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const config = context.config();
      const found = await withConnect(config, (connect) => connect.webhooks.ofProducts(config.connect.products));
      const rows = found.map(({ jwt_secret: _secret, ...webhook }) => ({
        ...webhook,
        ours: isOurs(webhook as Webhook),
      }));
      if (json) return print(JSON.stringify(rows, null, 2));
      if (rows.length === 0) return print('none. Create them: connect-processor webhooks apply');
      printTable([
        ['ID', 'PRODUCT', 'TYPE', 'OF', 'ACTIVE', 'DELIVERED', 'FAILED', 'OURS', 'URL'],
        ...rows.map(({ id, product, type, object_class, active, stats, ours, external_url }) => [
          ...[id, product?.id ?? '', type, object_class, active ? 'yes' : 'no'],
          ...[String(stats?.success_triggers ?? ''), String(stats?.failure_triggers ?? '')],
          ...[ours ? 'yes' : 'no', external_url],
        ]),
      ]);
    });
}

function remove(context: CommandContext): Command {
  return new Command('remove')
    .description('Remove the webhooks of the products that `webhooks apply` made; those of others stay')
    .action(async () => {
      const config = context.config();
      await withConnect(config, async (connect) => {
        const ours = (await connect.webhooks.ofProducts(config.connect.products)).filter(isOurs);
        for (const { id, label, product } of ours) {
          await connect.webhooks.delete(id);
          print(`${id} removed: ${product?.id} ${label.slice(LABEL.length)}`);
        }
        if (ours.length === 0) print('none is there');
      });
    });
}

/** @throws UsageError where it is not said how Connect reaches us */
function wantedWebhooks({ listen }: Config, vendors: Vendors): NewWebhook[] {
  const { webhookSecret, webhookUrl } = listen;
  if (webhookSecret === undefined || webhookUrl === undefined) {
    throw new UsageError('Set WEBHOOK_URL and WEBHOOK_SECRET, with which Connect is to call. See docs/listen.md.');
  }
  const tierConfig: readonly string[] = TIER_CONFIG_VALIDATORS;
  const make = (product_id: string, type: string, object_class: string, path: string): NewWebhook => ({
    ...{ type, object_class, product_id, label: `${LABEL}${type} ${object_class}`, external_url: webhookUrl + path },
    description: 'Made by `connect-processor webhooks apply`, which finds it by its label.',
    ...{ jwt_secret: webhookSecret, active: true, http_method: 'POST', data: {}, headers: {} },
  });
  return [...vendors].flatMap(([product, { validate }]) => [
    make(product, 'event', 'fulfillment_request', '/webhooks/connect'),
    make(product, 'event', 'tier_config_request', '/webhooks/connect'),
    ...(validate ? validatorsOf(validate) : []).map((type) => {
      const objectClass = tierConfig.includes(type) ? 'tier_config_request' : 'fulfillment_request';
      return make(product, type, objectClass, '/validate');
    }),
  ]);
}

async function withConnect<T>({ connect }: Config, use: (connect: ConnectClient) => Promise<T>): Promise<T> {
  const client = createConnectClient(connect);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}
