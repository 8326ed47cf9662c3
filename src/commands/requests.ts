import { userInfo } from 'node:os';
import { Command } from 'commander';
import { listPending } from '../../activities/list-pending';
import { inOrder } from '../../activities/pending';
import { type CommandContext, EXIT } from '../cli';
import type { Config } from '../config';
import { createConnectClient } from '../connect/client';
import { requestKind } from '../domain/ids';
import type { RequestResult } from '../domain/request-run';
import { callFor } from '../sdk/handlers';
import { connectTemporal, type TemporalClient } from '../temporal/client';
import { openRuns, progressOf, reprocess, type RequestRun, resultOf, runsOf } from '../temporal/request-runs';
import { print, printTable } from './print';

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
        throw new Error('Give one of --parked, --retrying, --unhandled.');
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
    .description('One request: its status in Connect, where its run stands, and the chain of its runs')
    .option('--json', 'as JSON')
    .action(async (id: string, { json }: { json?: boolean }) => {
      checkId(id);
      const shown = await show(context, id);
      if (json) return print(JSON.stringify(shown, null, 2));
      printTable([
        ['request', shown.id],
        ['in Connect', shown.statusInConnect],
        ...Object.entries(shown.progress ?? {}).map(([name, value]) => [name, String(value)]),
      ]);
      for (const run of shown.runs) {
        print(
          `run ${run.startedAt} to ${run.closedAt ?? 'now'}: ${run.result?.outcome ?? run.status}${run.result?.reason ? ` (${run.result.reason})` : ''}`,
        );
      }
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
        throw new Error('Give ids, or --parked, or --retrying.');
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
  if (!requestKind(id)) throw new Error(`"${id}" is no id of a request: give PR-… or TCR-….`);
}

async function withTemporal<T>(use: (temporal: TemporalClient) => Promise<T>): Promise<T> {
  const temporal = await connectTemporal();
  try {
    return await use(temporal);
  } finally {
    await temporal.close();
  }
}

async function runsIn(phase: 'parked' | 'retrying' | undefined) {
  return await withTemporal(async ({ client }) => {
    const rows = [];
    for await (const { id, type, phase: now, productId, assetId, startedAt, reason } of openRuns(client, phase)) {
      rows.push({ id, type, phase: now, product: productId, asset: assetId, since: startedAt, reason });
    }
    return rows;
  });
}

/** Requests that are pending in Connect and that this vendor leaves to a person. */
async function unhandledRequests(context: CommandContext) {
  const config = context.config();
  const vendor = await context.vendor(config);
  const connect = createConnectClient(config.connect);
  try {
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
  } finally {
    await connect.close();
  }
}

/** What Connect says and what Temporal says of one request. */
async function show(context: CommandContext, id: string) {
  return await withTemporal(async ({ client }) => {
    const runs: (RequestRun & { result: RequestResult | undefined })[] = [];
    for await (const run of runsOf(client, id)) runs.push({ ...run, result: await resultOf(client, run) });
    const isOpen = runs[0]?.status === 'running';
    return {
      id,
      statusInConnect: await statusInConnect(context.config(), id),
      progress: isOpen ? await progressOf(client, id) : undefined,
      runs,
    };
  });
}

async function statusInConnect({ connect: options }: Config, id: string): Promise<string> {
  const connect = createConnectClient(options);
  try {
    const request = await (requestKind(id) === 'tierConfig'
      ? connect.tierConfigRequests.get(id)
      : connect.requests.get(id));
    return request.status;
  } finally {
    await connect.close();
  }
}
