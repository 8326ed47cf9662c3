import type { Client } from '@temporalio/client';
import type { IsOpen } from '../../../activities/left';
import type { ConnectClient } from '../../connect/client';
import { ConnectApiError, ConnectError } from '../../connect/errors';
import { failurePolicy } from '../../domain/failure-type';
import { requestKind } from '../../domain/ids';
import type { Progress } from '../../domain/messages';
import { type Release, type RequestResult, REVOKING, type VendorWait } from '../../domain/request-run';
import { progressOf, resultOf, type RunInChain, runsOf } from '../../temporal/request-runs';
import { NO_ROUNDS, type Rounds, roundsNow } from '../../temporal/schedules';
import { readWhole, type Standing, standingOf, waitsBehind } from './before';
import { inUtc } from '../in-utc';
import { itemLines } from './item-lines';
import type { Deployment } from './pending-now';
import { print, printTable } from '../print';

/** What Connect says of a request. */
interface InConnect {
  statusInConnect: string;
  /** For when it is planned, ISO 8601; undefined where it is not. */
  plannedDate: string | undefined;
  subscription: { id: string; status: string; items: string[] } | undefined;
  /** Whether the next round starts it; undefined where a run is open, or nothing is asked of us. */
  standing: Pick<Standing, 'left' | 'behind'> | undefined;
  messages: { at: string; by: string; text: string }[];
  /** What could not be read: a line each. The rest is there all the same. */
  unreadable: string[];
}

/** What Temporal says of it. */
interface InTemporal {
  progress: Progress | undefined;
  /** Why an open run did not say where it stands. */
  silent: string | undefined;
  rounds: Rounds;
  /** The newest first. */
  runs: (RunInChain & { result: RequestResult | undefined })[];
}

/** What is said of the status of a request that Connect does not have. */
const NOT_THERE = 'does not exist there';

/**
 * Asks Connect for all there is; a fault of one answer does not keep the others away.
 *
 * @param deployment by what a round judges the request; left out, whether one starts it is not asked
 */
export async function inConnect(
  connect: ConnectClient,
  id: string,
  deployment?: () => Promise<Deployment & { isOpen: IsOpen }>,
): Promise<InConnect> {
  const unreadable: string[] = [];
  const noteUnreadable = (error: unknown): void => {
    if (!(error instanceof ConnectError)) throw error;
    unreadable.push(error.message);
  };

  const read = requestKind(id) === 'tierConfig' ? tierStatus : requestAndSubscription;
  const request = await read(connect, id).catch((error: unknown): RequestInConnect => {
    if (error instanceof ConnectApiError && error.status === 404 && error.fromConnect) {
      return { statusInConnect: NOT_THERE, plannedDate: undefined, subscription: undefined };
    }
    noteUnreadable(error);
    return { statusInConnect: 'not known', plannedDate: undefined, subscription: undefined };
  });
  const isAsked = request.statusInConnect === 'pending' || request.statusInConnect === REVOKING;
  const deployed = isAsked
    ? await deployment?.().catch((error: Error) => void unreadable.push(`whether a round starts it: ${error.message}`))
    : undefined;
  const standing =
    deployed &&
    (await standingNow(connect, id, deployed).catch((error: unknown) => {
      noteUnreadable(error);
      return undefined;
    }));
  const messages = await messagesAbout(connect, id).catch((error: unknown): InConnect['messages'] => {
    noteUnreadable(error);
    return [];
  });
  return { ...request, standing, messages, unreadable };
}

async function standingNow(
  connect: ConnectClient,
  id: string,
  deployment: Deployment & { isOpen: IsOpen },
): Promise<InConnect['standing']> {
  const { left, behind } = await standingOf(id, await readWhole(connect, id), { connect, ...deployment });
  return { left, behind };
}

type RequestInConnect = Pick<InConnect, 'statusInConnect' | 'plannedDate' | 'subscription'>;

async function tierStatus(connect: ConnectClient, id: string): Promise<RequestInConnect> {
  const { status } = await connect.tierConfigRequests.get(id);
  return { statusInConnect: status, plannedDate: undefined, subscription: undefined };
}

async function requestAndSubscription(connect: ConnectClient, id: string): Promise<RequestInConnect> {
  const { status, asset, planned_date } = await connect.requests.get(id);
  const plannedDate = planned_date ? inUtc(planned_date) : undefined;
  const subscription = { id: asset.id, status: asset.status, items: itemLines(asset.items) };
  return { statusInConnect: status, plannedDate, subscription };
}

async function messagesAbout(connect: ConnectClient, id: string): Promise<InConnect['messages']> {
  const found = [];
  for (const conversation of await connect.conversations.list(id)) {
    found.push(...(await connect.conversations.messages(conversation.id)));
  }
  return found.map(({ created, creator, account, text }) => ({
    at: created,
    by: [creator?.name, account?.name].filter(Boolean).join(', '),
    text,
  }));
}

/** @param seconds how long a worker has to say where the run stands */
export async function inTemporal(client: Client, id: string, seconds = 10): Promise<InTemporal> {
  const runs: InTemporal['runs'] = [];
  for (const run of await runsOf(client, id)) runs.push({ ...run, result: await resultOf(client, run) });
  const rounds = await roundsNow(client);
  const shown = { progress: undefined, silent: undefined, rounds, runs } as const;
  if (!hasOpenRun(shown)) return shown;
  try {
    return { ...shown, progress: await progressOf(client, id, seconds * 1000) };
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    return { ...shown, silent: `no worker answered within ${seconds} s; is one running? (${why})` };
  }
}

export const hasOpenRun = ({ runs: [newest] }: Pick<InTemporal, 'runs'>): boolean => newest?.status === 'running';

/** True where neither side has ever heard of it. */
export function isUnknown({ statusInConnect, runs }: InConnect & InTemporal): boolean {
  return statusInConnect === NOT_THERE && runs.length === 0;
}

export function printShown({
  id,
  statusInConnect,
  plannedDate,
  subscription,
  standing,
  messages,
  unreadable,
  progress,
  silent,
  rounds,
  runs,
}: { id: string } & InConnect & InTemporal): void {
  const { id: asset, status: assetStatus, items = [] } = subscription ?? {};
  const isDue = standing && !standing.left && !standing.behind;
  const action = failurePolicy(progress?.failureType)?.action;
  printTable([
    ['request', id],
    ['in Connect', statusInConnect],
    ...(plannedDate ? [['planned for', plannedDate]] : []),
    ...(asset ? [['subscription', [asset, assetStatus, items.join(', ')].filter(Boolean).join('  ')]] : []),
    ...(progress ? progressRows(progress) : []),
    ...(action ? [['to do', action]] : []),
    ...(standing?.left ? [['no round', `would start it: ${standing.left}`]] : []),
    ...(standing?.behind ? [['before it', waitsBehind(standing.behind)]] : []),
    ...(isDue && rounds !== 'scheduled' ? [['no round', `would start it: ${NO_ROUNDS[rounds]}`]] : []),
    ...(silent ? [['its run', silent]] : []),
    ...unreadable.map((line) => ['not read', line]),
    ...(unreadable.length > 0 ? [['to do', '`connect-processor doctor` says what keeps it from being read']] : []),
  ]);
  if (runs.length === 0) {
    const isStarted = isDue && rounds === 'scheduled';
    print(isStarted ? 'no run yet: a round starts one, the next full sweep at the latest' : 'no run');
  }
  for (const { at, line } of storyOf(runs, messages)) print(`${at}  ${line}`);
}

/** Where an open run stands, row by row; what there is nothing to say of has none. */
function progressRows({ phase, step, reason, failureType, since, nextAttempt }: Progress): [string, string][] {
  const rows = [
    ['phase', phase],
    ['step', step],
    ['reason', reason],
    ['failure type', failureType],
    ['since', since],
    ['next attempt', nextAttempt],
  ] as const;
  return rows.flatMap(([name, value]) => (value ? [[name, value]] : []));
}

/** What happened, the oldest first: each run, whose inquiry, wait or park began the next, and what was said about the request. */
function storyOf(runs: InTemporal['runs'], messages: InConnect['messages']): { at: string; line: string }[] {
  const ofRuns = runs.map((run) => ({
    at: run.startedAt,
    line: run.closedAt ? `run until ${run.closedAt}: ${endOf(run)}` : 'run that is open',
  }));
  const said = messages.map(({ at, by, text }) => ({
    at: inUtc(at),
    line: `said by ${by || 'somebody'}: ${text.replaceAll(/\s*\n\s*/g, ' ')}`,
  }));
  return [...ofRuns, ...said].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

const RELEASED: Record<Release, string> = {
  released: 'what the purchase had made was given back',
  nothing: 'the purchase had made nothing that was to be given back',
  kept: 'what the purchase had made was kept',
};

/** What a run came to; of one that went on in the next, where it stood: it keeps its last phase. */
function endOf({ result, status, phase, reason, wait }: InTemporal['runs'][number]): string {
  if (result) {
    const { outcome, reason, release } = result;
    return `${outcome}${reason ? ` (${reason})` : ''}${release ? `; ${RELEASED[release]}` : ''}`;
  }
  if (status !== 'continued_as_new') return status;
  const stood = phase !== 'running' ? `${phase} (${reason}), ` : wait ? `${waitInWords(wait)}, ` : '';
  return `${stood}went on in the next run`;
}

/** The run itself ended earlier where somebody cut the wait short. */
const waitInWords = ({ until, times }: VendorWait) => `vendor asked to wait until ${until} (wait ${times})`;
