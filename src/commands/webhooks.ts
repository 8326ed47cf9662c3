import { Command } from 'commander';
import { type CommandContext, UsageError } from './command';
import { type Config, secretsOf } from '../config';
import { type ConnectClient, withConnect } from '../connect/client';
import { ConnectApiError } from '../connect/errors';
import type { Webhook } from '../connect/webhooks';
import { createRedactor } from '../domain/redact';
import { print, printError, printTable } from './print';
import {
  concerning,
  elsewhere,
  isOurs,
  nameOf,
  passOver,
  type Planned,
  planOf,
  wantedWebhooks,
  WebhooksTaken,
} from './webhook-plan';

export function webhooksCommand(command: Command, context: CommandContext): Command {
  return command.addCommand(apply(context)).addCommand(show(context)).addCommand(remove(context));
}

function apply(context: CommandContext): Command {
  return new Command('apply')
    .description('Make the webhooks in Connect match the configuration and the vendor; safe to repeat')
    .option('--take-over', 'move webhooks to WEBHOOK_URL although another deployment may live by them')
    .action(async ({ takeOver }: { takeOver?: boolean }) => {
      const config = context.config();
      const { webhookSecret, webhookUrl } = config.listen;
      if (webhookSecret === undefined || webhookUrl === undefined) {
        throw new UsageError('Set WEBHOOK_URL and WEBHOOK_SECRET, with which Connect is to call. See docs/listen.md.');
      }
      const served = { vendors: await context.vendors(config), selections: config.selections };
      const wanted = wantedWebhooks(served, { url: webhookUrl, secret: webhookSecret });
      await withConnect(config.connect, async (connect) => {
        const found = await webhooksFor(connect, config);
        const { passedOver, rest } = passOver(found, config.selections, webhookUrl);
        if (!takeOver) refuseTaken('apply', rest, webhookUrl);
        printPassedOver(passedOver);
        const { planned, superfluous } = planOf(wanted, rest);
        const changes = new Changes(config);
        for (const one of planned) await changes.make(nameOf(one.webhook), () => applyOne(connect, one));
        for (const webhook of superfluous) await changes.make(nameOf(webhook), () => removeOne(connect, webhook));
        changes.end();
      });
    });
}

async function applyOne(connect: ConnectClient, { webhook, found, differs }: Planned): Promise<string> {
  const what = nameOf(webhook);
  if (found === undefined) return `${(await connect.webhooks.create(webhook)).id} created: ${what}`;
  if (differs.length === 0) return `${found.id} unchanged: ${what}`;
  await connect.webhooks.update(found.id, webhook);
  return `${found.id} updated: ${what}`;
}

function show(context: CommandContext): Command {
  return new Command('show')
    .description(
      'The webhooks of the products, others than ours too; and those that call this deployment about further ones',
    )
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const config = context.config();
      const found = await withConnect(config.connect, (connect) => webhooksFor(connect, config));
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
    .option('--take-over', 'remove those too that another deployment may live by')
    .action(async ({ takeOver }: { takeOver?: boolean }) => {
      const config = context.config();
      const { webhookUrl } = config.listen;
      if (webhookUrl === undefined && !takeOver) {
        throw new UsageError(
          "Set WEBHOOK_URL, which tells this deployment's webhooks from another's. To remove both: --take-over.",
        );
      }
      await withConnect(config.connect, async (connect) => {
        let ours = (await webhooksFor(connect, config)).filter(isOurs);
        if (webhookUrl !== undefined && !takeOver) {
          const { passedOver, rest } = passOver(ours, config.selections, webhookUrl);
          refuseTaken('remove', rest, webhookUrl);
          printPassedOver(passedOver);
          ours = rest;
        }
        const changes = new Changes(config);
        for (const webhook of ours) await changes.make(nameOf(webhook), () => removeOne(connect, webhook));
        changes.end();
        if (ours.length === 0) print('none is there to remove');
      });
    });
}

async function webhooksFor({ webhooks }: ConnectClient, { connect, listen }: Config): Promise<Webhook[]> {
  return concerning(await webhooks.all(), connect.products, listen.webhookUrl);
}

function printPassedOver(webhooks: readonly Webhook[]): void {
  for (const webhook of webhooks) {
    print(
      `${webhook.id} passed over: ${nameOf(webhook)} calls ${webhook.external_url}; the product is switched off here`,
    );
  }
}

/** Before the first change, so that all is done or nothing. @throws WebhooksTaken */
function refuseTaken(command: 'apply' | 'remove', found: readonly Webhook[], url: string): void {
  const taken = elsewhere(found, url);
  if (taken.length > 0) throw new WebhooksTaken(command, taken, url);
}

async function removeOne(connect: ConnectClient, webhook: Webhook): Promise<string> {
  await connect.webhooks.delete(webhook.id);
  return `${webhook.id} removed: ${nameOf(webhook)}`;
}

/** So much of what Connect says is shown of each refusal. */
const LONGEST_REFUSAL = 500;

/** Changes, one after another: one that Connect refuses is said, and keeps none from being made. */
class Changes {
  private readonly redact: (text: string) => string;
  private made = 0;
  private refused = 0;

  constructor(config: Config) {
    this.redact = createRedactor(secretsOf(config));
  }

  /** @param what product and type, for people. @param change returns what it has done */
  async make(what: string, change: () => Promise<string>): Promise<void> {
    try {
      print(await change());
      this.made += 1;
    } catch (error) {
      if (!(error instanceof ConnectApiError)) throw error;
      this.refused += 1;
      printError(`${what}: ${this.redact(error.message).slice(0, LONGEST_REFUSAL)}`);
    }
  }

  /** @throws Error where one was refused */
  end(): void {
    if (this.refused === 0) return;
    throw new Error(
      `Connect refused ${this.refused} of ${this.made + this.refused}, named above; the others are done. Mend what it says, and run the same command again.`,
    );
  }
}
