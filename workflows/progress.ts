import {
  defineQuery,
  log,
  metricMeter,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { failurePolicy, FAILURES } from '../src/domain/failure-type';
import { FIRST_STEP, type Phase, type Progress, PROGRESS, REPROCESS } from '../src/domain/messages';
import {
  CONNECT_FINDING,
  CONNECT_PHASE,
  CONNECT_REASON,
  KEYWORD_LIMIT,
  SEARCH_ATTRIBUTES,
} from '../src/domain/search-attributes';
import type { Trouble } from './trouble';

const progressQuery = defineQuery<Progress>(PROGRESS);

const troubles = metricMeter.createCounter(
  'connect_request_troubles',
  'requests',
  'Times a run became retrying or parked',
);

/** From when until when something lasts, in ms since 1970; without an end where somebody has to end it. */
interface Span {
  since: number;
  until: number | undefined;
}

/**
 * Where a run stands, in all the places where operators look: the query, the search attributes, the current details, the log and the metrics.
 * Sets the handler of the query.
 *
 * @param about said first in the current details
 */
export function createProgress(about: string) {
  const state: Progress = { phase: 'running', step: FIRST_STEP, reason: '' };
  let remarks: readonly string[] | undefined;
  setHandler(progressQuery, () => state, { description: 'Phase, step, reason and next attempt' });

  const showDetails = () => setCurrentDetails(currentDetails(about, state));

  function show(phase: Phase, trouble?: Trouble): void {
    const reason = trouble?.message ?? '';
    const changed = phase !== state.phase;
    const isInTrouble = phase !== 'running';
    if (changed || (isInTrouble && reason !== state.reason)) {
      upsertSearchAttributes([
        { key: CONNECT_PHASE, value: phase },
        { key: CONNECT_REASON, value: reason === '' ? null : reason.slice(0, KEYWORD_LIMIT) },
      ]);
    }
    Object.assign(state, { phase, reason, failureType: trouble?.type, report: trouble?.report ?? remarks });
    if (trouble && isInTrouble) {
      log.warn(`${phase} at "${state.step}"`, { failureType: trouble.type, reason, nextAttempt: state.nextAttempt });
      if (changed) troubles.add(1, { phase, step: state.step, failure_type: trouble.type });
    }
    showDetails();
  }

  const setSpan = (span?: Span) =>
    Object.assign(state, {
      since: span && new Date(span.since).toISOString(),
      nextAttempt: span?.until === undefined ? undefined : new Date(span.until).toISOString(),
    });

  return {
    now: state as Readonly<Progress>,

    /** All is well so far, whatever the step before has come to. @param span of a step that only waits */
    begin(step: string, span?: Span): void {
      state.step = step;
      setSpan(span);
      if (state.failureType === undefined) showDetails();
      else show('running');
    },

    /** What somebody should know although all is well, line by line. A trouble that has lines of its own hides it while it lasts. */
    remark(report: readonly string[]): void {
      state.report = remarks = report;
      showDetails();
    },

    /** The step is done, after however many attempts. */
    succeed(): void {
      setSpan();
      if (state.failureType !== undefined) show('running');
    },

    /** The step fails, and is tried on or parked. While the phase is `running` still, only who asks or looks at the run hears of it. */
    fail(phase: Phase, trouble: Trouble, span: Span): void {
      setSpan(span);
      show(phase, trouble);
    },

    /** The run is over. Who opens it later reads what came of it, and no step that is not under way any more. */
    end(outcome: string, reason = ''): void {
      const lines = [about, '', `Ended: **${outcome}**.`, '', ...quoted(reason), ...listed(state.report)];
      setCurrentDetails(lines.join('\n').trimEnd());
    },

    /** What was parked starts afresh, in a run of its own: of this one nothing is left to do. */
    goOn(): void {
      const { step, since, reason, failureType, report } = state;
      const past = `Was **parked** at *${step}* since ${since}, and went on in the next run.`;
      const lines = [about, '', past, '', ...quoted(reason, failureType), ...listed(report)];
      setCurrentDetails(lines.join('\n').trimEnd());
    },
  };
}

/**
 * Continue-as-new keeps all search attributes or none, so the next run names each: its phase is fresh, its reason and findings gone.
 *
 * @param kept one of these that stays
 */
export function searchAttributesOfNextRun(kept?: { name: string }) {
  const ours = new Set<string>(SEARCH_ATTRIBUTES.map(({ name }) => name));
  const dropped = new Set<string>([CONNECT_PHASE.name, CONNECT_REASON.name, CONNECT_FINDING.name]);
  if (kept) dropped.delete(kept.name);
  const handedOn = workflowInfo()
    .typedSearchAttributes.getAll()
    .filter(({ key }) => ours.has(key.name) && !dropped.has(key.name));
  return [...handedOn, { key: CONNECT_PHASE, value: 'running' }];
}

const MOST_SHOWN = 20;

/** Markdown for the run's page in the Web UI. */
function currentDetails(about: string, progress: Progress): string {
  const { phase, step, reason, failureType, since, nextAttempt, report } = progress;
  const lines = [about, ''];
  if (phase === 'running') {
    lines.push(`At *${step}*${nextAttempt ? ` since ${since}; goes on at ${nextAttempt}` : ''}.`, '');
    lines.push(...quoted(reason, failureType), ...listed(report));
  } else {
    lines.push(`**${phase}** at *${step}* since ${since}`, '', ...quoted(reason, failureType));
    lines.push((failurePolicy(failureType) ?? FAILURES.Internal).action, '', ...listed(report));
    const byItself = nextAttempt ? `Next attempt by itself: ${nextAttempt}.` : 'Nothing is tried by itself.';
    lines.push(`${byItself} To try now, send the signal or update \`${REPROCESS}\`.`);
  }
  return lines.join('\n').trimEnd();
}

function quoted(reason: string, failureType?: string): string[] {
  if (reason === '') return [];
  return [`> ${failureType ? `${failureType}: ` : ''}${reason.replaceAll('\n', ' ')}`, ''];
}

function listed(report: readonly string[] = []): string[] {
  if (report.length === 0) return [];
  const lines = [...report.slice(0, MOST_SHOWN).map((line) => `- ${line}`), ''];
  const hidden = report.length - MOST_SHOWN;
  return hidden > 0 ? [...lines, `and ${hidden} more, in the query \`${PROGRESS}\``, ''] : lines;
}
