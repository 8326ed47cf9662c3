import type { ConnectClient } from '../connect/client';
import { holdsSecret, type Redact, redactEach } from '../domain/redact';
import { type Origin, type Selection, whyNotSelected } from '../domain/selection';
import { TooLate, withinTime } from '../domain/within-time';
import { logWith } from '../sdk/log-with';
import type { Logger } from '../sdk/request-context';
import { type ValidateHooks, type Validation, validationProblems } from '../sdk/validation';
import { type Draft, readDraft } from './draft';

/** How a draft was met, for metrics. `unhandled`: nobody was asked, or its request is not selected. `late`, `threw` and `unfit`: the hook gave no usable answer. */
export type ValidationOutcome = 'passed' | 'errors' | 'unhandled' | 'late' | 'threw' | 'unfit';

export interface ValidationOptions {
  /** Of the vendor of a product. */
  hooksOf(productId: string): ValidateHooks | undefined;
  /** Which requests of a product are processed; undefined where nothing limits them. */
  selectionOf(productId: string): Selection | undefined;
  connect: Pick<ConnectClient, 'tierConfigs'>;
  timeLimitMs: number;
  /** Where the hook gives no usable answer: true to hold the order back with an error, false to let it pass without errors. */
  strict: boolean;
  /** Takes the secrets of the configuration out of a text. */
  redact: Redact;
  log: Logger;
  count(kind: Draft['kind'], outcome: ValidationOutcome): void;
}

/** What the customer reads where a strict validation could not be made. */
const NOT_NOW = 'This cannot be checked at the moment. Please try again in a few minutes.';

/** The hook returned something else than a validation. */
class Unfit extends Error {}

/**
 * Validates a draft.
 *
 * @returns the document that Connect sent, with the errors and values that the vendor's hook gave in place of the errors that it had
 * @throws Refusal 400 where it is no draft
 */
export async function validate(document: unknown, options: ValidationOptions): Promise<unknown> {
  const draft = readDraft(document, options.connect);
  const { log, count } = options;
  const { productId } = draft.origin;
  const hooks = options.hooksOf(productId);
  const selection = options.selectionOf(productId);
  if ((selection && isLeft(selection, draft.origin)) || hooks?.[draft.kind] === undefined) {
    count(draft.kind, 'unhandled');
    return document;
  }
  try {
    const validation = await ask(draft, hooks, options);
    const isFaulty = Object.keys(validation.errors ?? {}).length > 0;
    count(draft.kind, isFaulty ? 'errors' : 'passed');
    return draft.with(validation);
  } catch (error) {
    count(draft.kind, error instanceof TooLate ? 'late' : error instanceof Unfit ? 'unfit' : 'threw');
    const held = options.strict ? heldBack(draft) : undefined;
    const what = held ? 'held back' : 'let through';
    log.warn(`the vendor's validation of a draft failed, which was ${what}`, { requestId: draft.id, error });
    return draft.with(held ?? {}); // the errors of an earlier answer would hold it back too
  }
}

/** Whether its request will be left alone. What a draft does not say of where it is sold keeps it from no check. */
function isLeft(selection: Selection, origin: Origin): boolean {
  const [selected = ''] = selection.connectionTypes;
  const any = { allowed: undefined, denied: [] };
  const marketplaces = origin.marketplaceId === '' ? any : selection.marketplaces;
  const contracts = origin.contractId === '' ? any : selection.contracts;
  const said = { ...origin, connectionType: origin.connectionType || selected };
  return whyNotSelected({ ...selection, marketplaces, contracts }, said) !== undefined;
}

async function ask(
  draft: Draft,
  hooks: ValidateHooks,
  { log, timeLimitMs, redact }: ValidationOptions,
): Promise<Validation> {
  const begun = performance.now();
  const validation = await withinTime(timeLimitMs, (signal) =>
    draft.check(hooks, { signal, log: logWith(log, { requestId: draft.id }) }),
  );
  if (performance.now() - begun > timeLimitMs) throw new TooLate(timeLimitMs); // it blocked the timer too
  const problems = validationProblems(
    validation,
    draft.params.map(({ id }) => id),
  );
  if (problems.length > 0) throw new Unfit(problems.join('; '));
  const { errors = {}, values = {} } = validation ?? {};
  const telling = Object.keys(values).filter((id) => holdsSecret(values[id], redact));
  if (telling.length > 0)
    throw new Unfit(`a key or secret of the configuration is in the value of ${telling.join(', ')}`);
  return { errors: redactEach(errors, redact), values };
}

/** An error has to stand at a parameter: the first that the customer sees, else the first. Undefined where there is none. */
function heldBack({ params }: Draft): Validation | undefined {
  const seen = params.find(({ phase, constraints }) => phase === 'ordering' && constraints?.hidden !== true);
  const at = seen ?? params[0];
  return at && { errors: { [at.id]: NOT_NOW } };
}
