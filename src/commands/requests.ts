import { userInfo } from 'node:os';
import { Command } from 'commander';
import { listPending } from '../../activities/list-pending';
import { inOrder } from '../../activities/pending';
import { type CommandContext, EXIT, UsageError } from './command';
import type { Config } from '../config';
import { type ConnectClient, createConnectClient } from '../connect/client';
import { requestKind } from '../domain/ids';
import { callFor } from '../sdk/handlers';
import { withTemporal } from '../temporal/client';
import { openRuns, reprocess } from '../temporal/request-runs';
import { print, printTable } from './print';
import { inConnect, inTemporal, printShown } from './show-request';

interface ListOptions {
  parked?: boolean;
  retrying?: boolean;
  unhandled?: boolean;
  json?: boolean;
}

export function requestsCommand(context: CommandContext, exit: (code: number) => void): Command {
  const requests = new Command('requests').description('Look at requests, and try again what is stuck');

  requests
    .command('list')
    .description('Open runs; or those in trouble; or what nobody handles')
    .option('--parked', 'runs that wait for a person')
    .option('--retrying', 'runs whose step keeps failing')
    .option('--unhandled', 'requests that are pending in Connect, of a type for which the vendor has no handler')
    .option('--json', 'as JSON')
    .action(async ({ parked, retrying, unhandled, json }: ListOptions) => {
      if ([parked, retrying, unhandled].filter(Boolean).length > 1) {
        throw new UsageError('Give one of --parked, --retrying, --unhandled.');
      }
      const rows = unhandled
        ? await unhandledRequests(context)
        : await runsIn(parked ? 'parked' : retrying ? 'retrying' : undefined);
      if (json) return print(JSON.stringify(rows, null, 2));
      if (rows.length === 0) return print('none');
      const names = Object.keys(rows[0]!) as (keyof (typeof rows)[number])[];
      printTable([names.map((name) => name.toUpperCase()), ...rows.map((row) => names.map((name) => row[name] ?? ''))]);
    });

  requests
    .command('show <id>')
    .description('One request: what Connect says of it, where its run stands, the chain of its runs, its conversation')
    .option('--json', 'as JSON')
    .action(async (id: string, { json }: { json?: boolean }) => {
      checkId(id);
      const { connect: options } = context.config();
      const shown = await withTemporal(async ({ client }) => ({
        id,
        ...(await withConnect(options, (connect) => inConnect(connect, id))),
        ...(await inTemporal(client, id)),
      }));
      if (json) print(JSON.stringify(shown, null, 2));
      else printShown(shown);
      if (shown.unreadable.length > 0) exit(EXIT.failed);
    });

  requests
    .command('note <id> <text>')
    .description("Say something in the request's conversation in Connect, which its distributor can read")
    .action(async (id: string, text: string) => {
      checkId(id);
      await withConnect(context.config().connect, async (connect) => {
        const [conversation] = await connect.conversations.list(id);
        if (!conversation) throw new Error(`Connect has no conversation about ${id}.`);
        print(
          (await connect.conversations.say(conversation.id, text))
            ? 'said'
            : 'not said: it is the last message already',
        );
      });
    });

  requests
    .command('reprocess [ids...]')
    .description('Try now: a parked request afresh, a failing step at once, a waiting vendor before its time')
    .option('--parked', 'all that are parked')
    .option('--retrying', 'all whose step keeps failing')
    .option('--by <name>', 'who asks, kept in the history', userInfo().username)
    .option('--json', 'as JSON')
    .action(async (ids: string[], options: { parked?: boolean; retrying?: boolean; by: string; json?: boolean }) => {
      ids.forEach(checkId);
      if (ids.length === 0 && !options.parked && !options.retrying)
        throw new UsageError('Give ids, or --parked, or --retrying.');
      await withTemporal(async ({ client }) => {
        const wanted = new Set(ids);
        for (const phase of ['parked', 'retrying'] as const) {
          if (options[phase]) for await (const { id } of openRuns(client, phase)) wanted.add(id);
        }
        const answers = [];
        for (const id of wanted) {
          const answer = await reprocess(client, id, { by: options.by });
          answers.push(answer);
          if (!options.json) print(`${answer.id}  ${answer.accepted ? 'accepted' : 'refused'}  ${answer.said}`);
        }
        if (options.json) print(JSON.stringify(answers, null, 2));
        else if (answers.length === 0) print('none');
        if (answers.some(({ accepted }) => !accepted)) exit(EXIT.failed);
      });
    });

  return requests;
}

function checkId(id: string): void {
  if (!requestKind(id)) throw new UsageError(`"${id}" is no id of a request: give PR-… or TCR-….`);
}

async function withConnect<T>(options: Config['connect'], use: (connect: ConnectClient) => Promise<T>): Promise<T> {
  const connect = createConnectClient(options);
  try {
    return await use(connect);
  } finally {
    await connect.close();
  }
}

async function runsIn(phase: 'parked' | 'retrying' | undefined) {
  return await withTemporal(async ({ client }) => {
    const rows = [];
    for await (const { id, type, phase: now, productId, assetId, startedAt, reason } of openRuns(client, phase)) {
      rows.push({ id, type, phase: now, product: productId, asset: assetId, started: startedAt, reason });
    }
    return rows;
  });
}

/** Requests that are pending in Connect and that this vendor leaves to a person. */
async function unhandledRequests(context: CommandContext) {
  const config = context.config();
  const vendor = await context.vendor(config);
  return await withConnect(config.connect, async (connect) => {
    const { requests, errors } = await listPending(
      connect,
      config.connect.products,
      'everything',
      new AbortController().signal,
    );
    if (errors.length > 0) throw errors[0];
    return inOrder(requests.values())
      .filter(({ type }) => type !== '' && !callFor(vendor, type))
      .map(({ id, type, productId = '', assetId = '', created }) => ({
        id,
        type,
        product: productId,
        asset: assetId,
        created,
      }));
  });
}
