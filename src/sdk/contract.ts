import { LONGEST_WAIT_SECONDS } from '../domain/request-run';
import type { Approve, Outcome } from './outcome';
import { describe, isRecord, LONGEST_ERROR, valueProblems } from './values';

const KINDS = ['approve', 'inquire', 'fail', 'wait', 'schedule'];
const LARGEST_OUTCOME = 256 * 1024; // Temporal: bytes of what a history is meant to hold in one place

/**
 * What is wrong with what a handler returned; empty where it fits.
 *
 * @param outcome anything, since a vendor's code may be JavaScript
 */
export function outcomeProblems(outcome: unknown): string[] {
  if (!isRecord(outcome) || !KINDS.includes(outcome['kind'] as string)) {
    return [`it returned ${describe(outcome)}; return approve(…), inquire(…), fail(…), wait(…) or schedule(…)`];
  }
  const { kind, params, reason, seconds, paramErrors, template, plannedDate, activationTile } = outcome;
  const problems = paramProblems(params);
  if (template !== undefined && (typeof template !== 'string' || template === ''))
    problems.push('the template must be a name');
  if (kind === 'fail' && (typeof reason !== 'string' || reason.trim() === '')) problems.push('fail needs a reason');
  if (kind === 'wait' && !(typeof seconds === 'number' && seconds >= 1 && seconds <= LONGEST_WAIT_SECONDS)) {
    problems.push(`wait needs a number of seconds, from 1 to ${LONGEST_WAIT_SECONDS}`);
  }
  if (kind === 'schedule' && !(isTime(plannedDate) && Date.parse(plannedDate) > Date.now())) {
    problems.push('schedule needs a Date, or a time as in 2027-01-01T00:00:00Z, in the future');
  }
  if (kind === 'inquire') problems.push(...paramErrorProblems(paramErrors));
  if (kind === 'approve') problems.push(...approvalProblems(outcome));
  if (problems.length > 0) return problems;
  const said = { fail: reason, inquire: paramErrors, approve: activationTile }[kind as string];
  const bytes = Buffer.byteLength(JSON.stringify([params, said]));
  return bytes > LARGEST_OUTCOME ? [`it is larger than ${LARGEST_OUTCOME / 1024} KB`] : [];
}

/** What is wrong with an outcome of `revoke`, which can tell Connect one thing only; empty where it fits. */
export function revocationProblems(outcome: Outcome): string[] {
  const { kind, params, activationTile, effectiveDate, nextBillingDate } = outcome as Partial<Approve> & Outcome;
  const more = [activationTile, effectiveDate, nextBillingDate].some((one) => one !== undefined);
  if ((kind === 'approve' || kind === 'wait') && Object.keys(params).length === 0 && !more) return [];
  return [
    `it returned ${kind}: a revocation can only be confirmed, by approve(), or waited for, and saves no parameters and takes no text or dates`,
  ];
}

const ISO_TIME = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)$/;

/** As Connect reads it; without an offset it would be anybody's hour. */
function isTime(date: unknown): date is string {
  const day = typeof date === 'string' && ISO_TIME.exec(date)?.[1];
  if (!day || Number.isNaN(Date.parse(date))) return false;
  return new Date(day).toISOString().startsWith(day); // `Date` takes 30 February for 2 March
}

function approvalProblems({ template, activationTile: tile, ...rest }: Record<string, unknown>): string[] {
  const problems: string[] = [];
  if (tile !== undefined && (typeof tile !== 'string' || tile.trim() === '')) {
    problems.push('activationTile must be a text');
  }
  if (tile !== undefined && template !== undefined) problems.push('approve takes a template or an activationTile');
  for (const name of ['effectiveDate', 'nextBillingDate']) {
    const date = rest[name];
    if (date === undefined) continue;
    if (!isTime(date)) {
      problems.push(`${name} must be a Date, or a time as in 2027-01-01T00:00:00Z`);
    }
  }
  return problems;
}

function paramProblems(params: unknown): string[] {
  if (!isRecord(params)) return ['params must be an object of values by parameter id'];
  return valueProblems(params);
}

function paramErrorProblems(errors: unknown): string[] {
  if (!isRecord(errors) || Object.keys(errors).length === 0) {
    return ['inquire needs a sentence for at least one parameter'];
  }
  return Object.entries(errors).flatMap(([id, text]) => {
    if (typeof text !== 'string' || text.trim() === '') return [`inquire needs a sentence for "${id}"`];
    return text.length > LONGEST_ERROR ? [`the sentence for "${id}" is longer than ${LONGEST_ERROR} characters`] : [];
  });
}
