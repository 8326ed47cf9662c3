import {
  ActivityFailure,
  type ActivityOptions,
  allHandlersFinished,
  ApplicationFailure,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  isCancellation,
  log,
  metricMeter,
  setCurrentDetails,
  setHandler,
  TimeoutFailure,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { failurePolicy, FAILURES, FailureType } from '../src/domain/failure-type';
import { type Phase, type Progress, PROGRESS, REPROCESS, type Reprocess } from '../src/domain/messages';
import { DEFAULT_PATIENCE, type RequestInput } from '../src/domain/request-run';
import { CONNECT_PHASE, CONNECT_REASON, KEYWORD_LIMIT, SEARCH_ATTRIBUTES } from '../src/domain/search-attributes';
import { ONE_ATTEMPT, pauseBefore } from './proxies';

/*
 * What "stuck" means, in one page. Our own three words:
 *
 *   step       an activity that is tried on while it fails, in sight of the operator once it has failed for a while
 *   parked     a step cannot go on: the run stays open, so that the rounds leave it alone, and can be found by its phase
 *   reprocess  try now: a failing step at once, a parked run afresh, a vendor's wait cut short
 */

const reprocessSignal = defineSignal<[Reprocess?]>(REPROCESS);
const reprocessUpdate = defineUpdate<string, [Reprocess?]>(REPROCESS);
const progressQuery = defineQuery<Progress>(PROGRESS);

const troubles = metricMeter.createCounter(
  'connect_request_troubles',
  'requests',
  'Times a run became retrying or parked',
);

/** How Temporal calls the end of an attempt that outlasts the grace time of its worker. */
const WORKER_SHUTDOWN = 'WorkerShutdown';

/** A failure as the steps see it. */
interface Trouble {
  type: string;
  message: string;
  final: boolean;
  retryAfterMs: number | undefined;
}

/** How a request's run goes through its steps. Sets the message handlers, so it is called before the first `await`. */
export function createSteps({ id, about, patience = DEFAULT_PATIENCE }: RequestInput) {
  const state: Progress = { phase: 'running', step: 'starting', reason: '' };
  let resting = false;
  let kicked = false;

  const kick = (request?: Reprocess) => {
    kicked = true;
    log.info(`reprocess at "${state.step}"`, { by: request?.by });
  };
  setHandler(progressQuery, () => state, { description: 'Phase, step, reason and next attempt' });
  setHandler(
    reprocessSignal,
    (request?: Reprocess) => {
      if (resting || state.phase !== 'running') kick(request);
    },
    { description: 'Try now: a failing step, a parked request, or a vendor that asked to wait' },
  );
  setHandler(
    reprocessUpdate,
    (request?: Reprocess) => {
      kick(request);
      return `${state.phase === 'parked' ? 'starts afresh after' : 'tries now'}: ${state.step}`;
    },
    {
      description: 'Try now, and hear whether it was accepted',
      validator: (_request?: Reprocess) => {
        if (resting || state.phase !== 'running') return;
        throw ApplicationFailure.create({
          type: 'NothingToReprocess',
          message: `${id} is at "${state.step}" and neither failing, parked nor waiting: there is nothing to reprocess.`,
          nonRetryable: true,
        });
      },
    },
  );

  const showDetails = () => setCurrentDetails(currentDetails(about ?? id, state));

  /** Writes the phase where operators look: the query, the search attributes, the current details. */
  function show(phase: Phase, trouble?: Trouble): void {
    const reason = trouble?.message ?? '';
    const changed = phase !== state.phase;
    if (changed || reason !== state.reason) {
      upsertSearchAttributes([
        { key: CONNECT_PHASE, value: phase },
        { key: CONNECT_REASON, value: reason === '' ? null : reason.slice(0, KEYWORD_LIMIT) },
      ]);
    }
    Object.assign(state, { phase, reason, failureType: trouble?.type });
    if (trouble) {
      log.warn(`${phase} at "${state.step}"`, { failureType: trouble.type, reason, nextAttempt: state.nextAttempt });
      if (changed) troubles.add(1, { phase, step: state.step, failure_type: trouble.type });
    }
    showDetails();
  }

  /** Sleeps, in sight, until the time has come or somebody sends `reprocess`. */
  async function rest(ms: number, summary: string): Promise<void> {
    resting = true;
    await condition(() => kicked, ms, { summary }); // at once, where `reprocess` came during a failing attempt
    resting = kicked = false;
  }

  return {
    /**
     * Runs an activity to its end: tries on while it fails, for as long as patience lasts.
     *
     * @param name shown to people; also the summary of the activity
     * @throws ActivityFailure where trying again cannot help, or patience is over: park it
     */
    async step<T>(name: string, run: (options: ActivityOptions) => Promise<T>): Promise<T> {
      state.step = name;
      showDetails();
      let failingSince: number | undefined;
      for (let n = 0; ; n++) {
        try {
          const result = await run({ summary: name, ...(n > 0 && ONE_ATTEMPT) });
          kicked = false; // what was asked for is done: it must not cut a later rest short
          Object.assign(state, { since: undefined, nextAttempt: undefined });
          if (state.phase !== 'running') show('running');
          return result;
        } catch (error) {
          const trouble = troubleOf(error);
          const now = Date.now();
          failingSince ??= now;
          if (trouble.final || now - failingSince >= patience.retryMs) throw error;

          const pause = Math.max(trouble.retryAfterMs ?? 0, pauseBefore(n));
          if (now + pause - failingSince >= patience.quietMs) {
            state.since = new Date(failingSince).toISOString();
            state.nextAttempt = new Date(now + pause).toISOString();
            show('retrying', trouble);
          }
          await rest(pause, `before trying again: ${name}`);
        }
      }
    },

    /** The vendor asked to be called again later. */
    async wait(seconds: number): Promise<void> {
      state.step = 'vendor asked to wait';
      state.since = new Date().toISOString();
      state.nextAttempt = new Date(Date.now() + seconds * 1000).toISOString();
      showDetails();
      await rest(seconds * 1000, state.step);
      await condition(allHandlersFinished);
    },

    /**
     * Parks the run, until `reprocess` or for a day. The caller then continues as new: a fresh read, a short history, and no decision of
     * today's code for next month's to replay.
     *
     * @throws the error itself where it is no activity's: a cancellation, or a bug in workflow code
     */
    async park(error: unknown): Promise<void> {
      const trouble = troubleOf(error);
      state.since = new Date().toISOString();
      state.nextAttempt = new Date(Date.now() + patience.parkedMs).toISOString();
      show('parked', trouble);
      await rest(patience.parkedMs, 'parked');
      await condition(allHandlersFinished);
    },
  };
}

/** Continue-as-new keeps all search attributes or none, so the next run names each: its phase is fresh, its reason gone. */
export function searchAttributesOfNextRun() {
  const ours = new Set<string>(SEARCH_ATTRIBUTES.map(({ name }) => name));
  const dropped = new Set<string>([CONNECT_PHASE.name, CONNECT_REASON.name]);
  const kept = workflowInfo()
    .typedSearchAttributes.getAll()
    .filter(({ key }) => ours.has(key.name) && !dropped.has(key.name));
  return [...kept, { key: CONNECT_PHASE, value: 'running' }];
}

/** The type of failure behind an error; undefined where no activity failed. */
export function failureTypeOf(error: unknown): string | undefined {
  return error instanceof ActivityFailure && error.cause instanceof ApplicationFailure
    ? (error.cause.type ?? undefined)
    : undefined;
}

function troubleOf(error: unknown): Trouble {
  if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
  const { cause } = error;
  if (cause instanceof TimeoutFailure) {
    return lost(cause.timeoutType === 'HEARTBEAT' ? 'its worker process died or hung' : 'it did not end in time');
  }
  if (!(cause instanceof ApplicationFailure)) {
    return {
      type: FailureType.INTERNAL,
      message: cause?.message ?? error.message,
      final: false,
      retryAfterMs: undefined,
    };
  }
  if (cause.type === WORKER_SHUTDOWN) return lost('its worker was shut down before it ended');
  const [details] = (cause.details ?? []) as [{ retryAfterMs?: number }?];
  return {
    type: cause.type ?? FailureType.INTERNAL,
    message: cause.message,
    final: failurePolicy(cause.type)?.final ?? cause.nonRetryable ?? false,
    retryAfterMs: details?.retryAfterMs,
  };
}

function lost(what: string): Trouble {
  return {
    type: FailureType.WORKER_LOST,
    message: `The last attempt was lost: ${what}.`,
    final: false,
    retryAfterMs: undefined,
  };
}

/** Markdown for the run's page in the Web UI. */
function currentDetails(about: string, { phase, step, reason, failureType, since, nextAttempt }: Progress): string {
  const lines = [about, ''];
  if (phase === 'running') {
    lines.push(`At *${step}*${nextAttempt ? ` since ${since}; goes on at ${nextAttempt}` : ''}.`);
  } else {
    lines.push(`**${phase}** at *${step}* since ${since}`, '', `> ${failureType}: ${reason.replaceAll('\n', ' ')}`, '');
    lines.push((failurePolicy(failureType) ?? FAILURES.Internal).action, '');
    lines.push(`Next attempt by itself: ${nextAttempt}. To try now, send the signal or update \`${REPROCESS}\`.`);
  }
  return lines.join('\n');
}
