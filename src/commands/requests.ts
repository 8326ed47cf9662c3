import { userInfo } from 'node:os';
import { Command } from 'commander';
import type { PendingRequest } from '../../activities/pending';
import { type CommandContext, EXIT, UsageError } from './command';
import { secretsOf } from '../config';
import { withConnect } from '../connect/client';
import { createRedactor } from '../domain/redact';
import { withTemporal } from '../temporal/client';
import { isOpen, openRuns, type ReprocessAnswer, reprocessEach } from '../temporal/request-runs';
import { heard } from './heard';
import { inUtc } from './in-utc';
import { OVERDUE_TODO, overdueNow, pendingNow } from './requests/pending-now';
import { print, printTable } from './print';
import { checkRequestId } from './requests/request-id';
import { adjust } from './requests/adjust';
import { dryRun } from './requests/dry-run';
import { hasOpenRun, inConnect, inTemporal, isUnknown, printShown } from './requests/show';

type Exit = (code: number) => void;

export function requestsCommand(command: Command, context: CommandContext, exit: Exit): Command {
  return command
    .addCommand(list(context))
    .addCommand(show(context, exit))
    .addCommand(dryRun(context, exit))
    .addCommand(note(context))
    .addCommand(adjust(context))
    .addCommand(reprocess(exit));
}

interface ListOptions {
  parked?: boolean;
  retrying?: boolean;
  unhandled?: boolean;
  left?: boolean;
  overdue?: boolean;
  json?: boolean;
}

function list(context: CommandContext): Command {
  return new Command('list')
    .description('Open runs; or those in trouble; or what is left pending, or scheduled, in Connect')
    .option('--parked', 'runs that wait for a person')
    .option('--retrying', 'runs whose step keeps failing')
    .option('--unhandled', 'requests that are pending in Connect, of a type for which the vendor has no handler')
    .option(
      '--left',
      'every request that is pending in Connect and left so, by the configuration or for a person: with the reason',
    )
    .option('--overdue', 'requests that are scheduled in Connect although their planned date is over: with who acts')
    .option('--json', 'as JSON')
    .action(async ({ json, ...which }: ListOptions) => {
      if (Object.values(which).filter(Boolean).length > 1) {
        throw new UsageError('Give one of --parked, --retrying, --unhandled, --left, --overdue.');
      }
      const rows = await listed(context, which);
      if (json) print(JSON.stringify(rows, null, 2));
      else printRows(rows);
    });
}

function show(context: CommandContext, exit: Exit): Command {
  return new Command('show')
    .argument('<id>', 'PR-… or TCR-…')
    .description('One request: what Connect says of it, where its run stands, the chain of its runs, its conversation')
    .option('--json', 'as JSON')
    .action(async (id: string, { json }: { json?: boolean }) => {
      checkRequestId(id);
      const config = context.config();
      const temporal = await withTemporal(({ client }) => inTemporal(client, id));
      const deployment = async () => ({
        config,
        vendors: await context.vendors(config),
        isOpen: (other: string) => withTemporal(({ client }) => isOpen(client, other)),
      });
      const connect = await withConnect(config.connect, (client) =>
        inConnect(client, id, hasOpenRun(temporal) ? undefined : deployment),
      );
      const redact = createRedactor(secretsOf(config)); // an answer that cannot be read may repeat the key
      const shown = { id, ...connect, ...temporal, unreadable: connect.unreadable.map(redact) };
      if (isUnknown(shown)) {
        throw new Error(
          `Neither Connect nor Temporal knows ${id}. Check the id; then whose account CONNECT_API_KEY is of, and TEMPORAL_NAMESPACE.`,
        );
      }
      if (json) print(JSON.stringify(shown, null, 2));
      else printShown(shown);
      if (shown.unreadable.length > 0) exit(EXIT.failed);
    });
}

function note(context: CommandContext): Command {
  return new Command('note')
    .argument('<id>', 'PR-… or TCR-…')
    .argument('<text>', 'what to say')
    .description("Say something in the request's conversation in Connect, which its distributor can read")
    .action(async (id: string, text: string) => {
      checkRequestId(id);
      const config = context.config();
      const redact = createRedactor(secretsOf(config)); // it may be an error, pasted
      await withConnect(config.connect, async ({ conversations }) => {
        const [conversation] = await conversations.list(id);
        if (!conversation) throw new Error(`Connect has no conversation about ${id}.`);
        const isSaid = await conversations.say(conversation.id, redact(text));
        print(isSaid ? 'said' : 'not said: it is the last message already');
      });
    });
}

interface ReprocessOptions {
  parked?: boolean;
  retrying?: boolean;
  by: string;
  json?: boolean;
}

function reprocess(exit: Exit): Command {
  return new Command('reprocess')
    .argument('[ids...]', 'PR-… or TCR-…')
    .description('Try now: a parked request afresh, a failing step at once, a waiting vendor before its time')
    .option('--parked', 'all that are parked')
    .option('--retrying', 'all whose step keeps failing')
    .option('--by <name>', 'who asks, kept in the history', userInfo().username)
    .option('--json', 'as JSON')
    .action(async (ids: string[], { parked, retrying, by, json }: ReprocessOptions) => {
      ids.forEach(checkRequestId);
      const isOfAll = parked || retrying;
      if (ids.length > 0 ? isOfAll : !isOfAll) {
        throw new UsageError('Give either ids, or --parked, --retrying or both of these.');
      }
      await withTemporal(async ({ client }) => {
        const wanted = new Set(ids);
        // Temporal's list is some moments late, and the asking takes its time: what is listed may be well, or over, when its turn comes.
        const hasGoneOn = ({ nothingToDo }: ReprocessAnswer) => isOfAll === true && nothingToDo === true;
        if (parked) for await (const { id } of openRuns(client, 'parked')) wanted.add(id);
        if (retrying) for await (const { id } of openRuns(client, 'retrying')) wanted.add(id);
        const answers = [];
        for await (const answer of reprocessEach(client, wanted, { by })) {
          answers.push(answer);
          if (!json) print(`${answer.id}  ${hasGoneOn(answer) ? 'gone on' : heard(answer)}  ${answer.said}`);
        }
        if (json) print(JSON.stringify(answers, null, 2));
        else if (answers.length === 0) print('none');
        if (answers.some((answer) => !answer.accepted && !hasGoneOn(answer))) exit(EXIT.failed);
      });
    });
}

/** What is listed, by the names of its columns. */
type Row = Record<string, string>;

async function listed(context: CommandContext, which: ListOptions): Promise<Row[]> {
  if (which.left) return await leftRequests(context);
  if (which.unhandled) return await unhandledRequests(context);
  if (which.overdue) return await overdueRequests(context);
  return await runsIn(which.parked ? 'parked' : which.retrying ? 'retrying' : undefined);
}

async function runsIn(phase: 'parked' | 'retrying' | undefined): Promise<Row[]> {
  return await withTemporal(async ({ client }) => {
    const rows: Row[] = [];
    for await (const run of openRuns(client, phase)) {
      const { id, type, phase: now, productId: product, assetId: asset, created, startedAt: started, reason } = run;
      rows.push({ id, type, phase: now, product, asset, created, started, reason });
    }
    return rows;
  });
}

/** Requests that are pending in Connect, sorted as a round does. */
async function sortedRequests(context: CommandContext) {
  const config = context.config();
  const vendors = await context.vendors(config);
  return await withConnect(config.connect, async (connect) => {
    return await pendingNow(connect, config.connect.products, 'everything', { config, vendors });
  });
}

/** Those of a type that this vendor leaves to a person. */
async function unhandledRequests(context: CommandContext): Promise<Row[]> {
  const { left } = await sortedRequests(context);
  return left.filter(({ reason }) => reason === 'unhandled').map(({ request }) => rowOf(request));
}

/** Those that are left for whatever reason, and those that wait behind them. */
async function leftRequests(context: CommandContext): Promise<Row[]> {
  const { left, behind } = await sortedRequests(context);
  const ids = new Set(left.map(({ request }) => request.id));
  const waiting = behind.filter(({ of }) => ids.has(of));
  return [
    ...left.map(({ request, reason, text }) => ({ ...rowOf(request), reason, why: text })),
    ...waiting.map(({ request, of }) => ({ ...rowOf(request), reason: 'behind', why: `it waits behind ${of}` })),
  ];
}

/** Those that Connect has not put back at their planned date, with who acts. */
async function overdueRequests(context: CommandContext): Promise<Row[]> {
  const config = context.config();
  const vendors = await context.vendors(config);
  return await withConnect(config.connect, async (connect) => {
    const overdue = await overdueNow(connect, { config, vendors });
    return overdue.map((request) => ({ ...rowOf(request), since: inUtc(request.plannedDate), todo: OVERDUE_TODO }));
  });
}

function rowOf({ id, type, productId = '', assetId = '', created }: PendingRequest): Row {
  return { id, type, product: productId, asset: assetId, created: inUtc(created) };
}

function printRows(rows: readonly Row[]): void {
  const [first] = rows;
  if (!first) return print('none');
  const names = Object.keys(first);
  printTable([names.map((name) => name.toUpperCase()), ...rows.map((row) => names.map((name) => row[name] ?? ''))]);
}
