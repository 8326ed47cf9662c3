import { outcomeProblems } from './contract';
import type { Outcome } from './outcome';
import type { RequestContext } from './request-context';

/** One handler under check. */
export interface Subject<Context extends RequestContext> {
  /** For findings: `purchase`, `tierConfig (level 1)`. */
  name: string;
  run(request: Context): Promise<Outcome>;
  /** The same request at each call, but for its signal. */
  request(signal: AbortSignal): Context;
  /** The parameters that the vendor says it saves; undefined where it says nothing. */
  writes: readonly string[] | undefined;
  /** How long a call may take, in ms. */
  patienceMs: number;
}

/** The time within which a handler has to stop once its signal is aborted. */
const STOP_MS = 1_000;

/** How a call ended. `late`: not within its time. */
type Ended = { kind: 'returned'; value: unknown } | { kind: 'threw'; error: unknown } | { kind: 'late' };

/**
 * Calls one handler as the processor might: once, once more as after a lost answer, and with its time over.
 *
 * @returns the outcome of the last call that kept the contract, undefined where none did
 */
export async function checkCall<Context extends RequestContext>(
  subject: Subject<Context>,
  report: (finding: string) => void,
): Promise<Outcome | undefined> {
  const say = (finding: string) => report(`${subject.name}: ${finding}`);
  const first = await callOnce(subject, say);
  if (!first) return undefined;

  const second = await callOnce(subject, (finding) => say(`called again with the same request, ${finding}`));
  if (second) contradictions(first, second, subject).forEach(say);

  const stopped = AbortSignal.abort(new Error('the time of the handler was over before it began'));
  if ((await within(STOP_MS, subject.run, subject.request(stopped))).kind === 'late') {
    say('it does not stop within a second where its signal is aborted already: pass request.signal to every call');
  } else {
    const controller = new AbortController();
    const call = within(STOP_MS, subject.run, subject.request(controller.signal));
    controller.abort(new Error('the time of the handler is over'));
    if ((await call).kind === 'late') {
      say('it does not stop within a second after its signal was aborted: pass request.signal to every call');
    }
  }
  return second ?? first;
}

async function callOnce<Context extends RequestContext>(
  subject: Subject<Context>,
  say: (finding: string) => void,
): Promise<Outcome | undefined> {
  const controller = new AbortController();
  const request = subject.request(controller.signal);
  const before = JSON.stringify(request);
  const ended = await within(subject.patienceMs, subject.run, request);
  controller.abort(new Error('the check goes on'));

  if (JSON.stringify(request) !== before) say('it changes the request that it is given: work on copies');
  if (ended.kind === 'late') say(`it does not return within ${subject.patienceMs / 1000} s`);
  if (ended.kind === 'threw') say(meaningOf(ended.error));
  if (ended.kind !== 'returned') return undefined;

  const problems = outcomeProblems(ended.value);
  problems.forEach(say);
  if (problems.length > 0) return undefined;
  const outcome = ended.value as Outcome;
  unknownParams(outcome, subject, request).forEach(say);
  return outcome;
}

/** Never throws. */
async function within<Context>(ms: number, run: (request: Context) => unknown, request: Context): Promise<Ended> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Ended>((resolve) => (timer = setTimeout(() => resolve({ kind: 'late' }), ms)));
  const ended = (async () => run(request))().then(
    (value: unknown): Ended => ({ kind: 'returned', value }),
    (error: unknown): Ended => ({ kind: 'threw', error }),
  );
  const result = await Promise.race([ended, late]);
  clearTimeout(timer);
  return result;
}

function meaningOf(error: unknown): string {
  const { name = 'Error', message = String(error) } = (error ?? {}) as Partial<Error>;
  if (name === 'NotWritten') return `it is not written yet. ${message}`;
  if (name === 'ParameterMissing') return `${message} Give it in the options of the check, or correct its id.`;
  return `it threw ${name}: ${message}. Return an outcome for what is business; a fault is tried again for hours`;
}

function unknownParams(
  outcome: Outcome,
  { writes }: { writes?: readonly string[] | undefined },
  request: RequestContext,
) {
  const known = new Set(request.params.map(({ id }) => id));
  const written = Object.keys(outcome.params).filter((id) => writes !== undefined && !writes.includes(id));
  const asked = outcome.kind === 'inquire' ? Object.keys(outcome.paramErrors).filter((id) => !known.has(id)) : [];
  return [
    ...written.map(
      (id) => `it saves "${id}", which the vendor's \`writes\` does not list: \`doctor\` cannot look for it`,
    ),
    ...asked.map((id) => `it asks the customer for "${id}", which the request does not have`),
  ];
}

function contradictions(
  first: Outcome,
  second: Outcome,
  { request }: { request(signal: AbortSignal): RequestContext },
): string[] {
  if (first.kind !== second.kind && first.kind !== 'wait') {
    return [`called again with the same request, it returned ${second.kind} after ${first.kind}`];
  }
  const { params } = request(new AbortController().signal);
  const isPassword = (id: string) => params.some((param) => param.id === id && param.type === 'password');
  return Object.keys(first.params)
    .filter((id) => Object.hasOwn(second.params, id) && !isPassword(id))
    .filter((id) => JSON.stringify(first.params[id]) !== JSON.stringify(second.params[id]))
    .map(
      (id) => `called again with the same request, it returned another value for "${id}": was something created twice?`,
    );
}
