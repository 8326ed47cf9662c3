import type { ParamUpdate } from '../src/connect/parameter';
import { FailureType } from '../src/domain/failure-type';
import { changesTo, isSecret, type ParamChange } from '../src/domain/parameters';
import { type Redact, redactorOf } from '../src/domain/redact';
import type { Approval, Decision, VendorAnswer } from '../src/domain/request-run';
import type { Approve, Outcome } from '../src/sdk/outcome';
import { basisOf, type Ordered } from './basis';
import { failure, redactedFailure } from './failure';
import { withoutSecrets } from './outcome-secrets';
import { toConnect } from './param-updates';
import type { TemplateKind, Templates } from './templates';

export interface AskDependencies {
  templates: Templates;
  /** The configured template of a type of request; `chosen` is false where the name is the default that nobody chose. */
  templateName(use: 'activation' | 'inquire', productId: string, type: string): { name: string; chosen: boolean };
  /** Takes the secrets of the configuration out of a text. */
  redact: Redact;
}

/** What the two kinds of request have in common when the vendor is asked. */
export interface Subject extends Ordered {
  type: string;
  productId: string;
  /** The date for which it is planned already; empty where it is not. */
  plannedDate: string;
  activation: TemplateKind;
  /** Undefined for a tier config request: its inquiry has no template. */
  inquiry: TemplateKind | undefined;
  save(params: ParamUpdate[]): Promise<unknown>;
}

/** Asks the vendor about a request, and makes of the outcome what the workflow goes by. */
export function createAsk({ templates, templateName, redact }: AskDependencies) {
  /** Finds a template by the name that the handler gave, or else the configured one. */
  async function templateFor(
    { productId, type }: Subject,
    use: 'activation' | 'inquire',
    kind: TemplateKind,
    named?: string,
  ): Promise<string> {
    const configured = templateName(use, productId, type);
    const anyIfOnly = named === undefined && !configured.chosen;
    return await templates.find({ productId, ...kind, name: named ?? configured.name, anyIfOnly });
  }

  /** @throws whatever may be wrong with an outcome, or with what is needed to act on it */
  async function answerTo(subject: Subject, outcome: Outcome, templateId: string): Promise<Decision> {
    const { activation, inquiry } = subject;
    const { secrets, others: params } = changesBy(subject, outcome);
    await saveSecrets(subject, secrets);
    const decided = {
      params,
      basis: basisOf(subject, params),
    };

    switch (outcome.kind) {
      case 'approve': {
        const { template } = outcome;
        const named =
          template === undefined ? templateId : await templateFor(subject, 'activation', activation, template);
        const approval = approvalOf(outcome);
        return { kind: 'approve', ...decided, templateId: named, ...(approval && { approval }) };
      }
      case 'inquire':
        return {
          kind: 'inquire',
          ...decided,
          paramErrors: { ...outcome.paramErrors },
          ...(inquiry && { templateId: await templateFor(subject, 'inquire', inquiry, outcome.template) }),
        };
      case 'fail':
        return { kind: 'fail', ...decided, reason: outcome.reason };
      case 'wait':
        return { kind: 'wait', ...decided, seconds: outcome.seconds };
      case 'schedule':
        return { kind: 'schedule', ...decided, plannedDate: outcome.plannedDate, plannedBefore: subject.plannedDate };
    }
  }

  /** @param call the vendor's handler, which may change what it is given */
  return async (asked: Subject, call: () => Promise<Outcome>): Promise<VendorAnswer> => {
    const { items, params } = asked;
    const subject = { ...asked, ...structuredClone({ items, params }) };
    const templateId = await templateFor(subject, 'activation', subject.activation); // found missing before any side effect
    const { outcome, refused } = withoutSecrets(await call(), redact);
    try {
      const answer = await answerTo(subject, outcome, templateId);
      if (refused.length > 0) throw tellsSecret(subject, refused);
      return answer;
    } catch (error) {
      // No step follows that would save them, and what the vendor has created is known by them alone.
      await saveValues(subject, outcome);
      throw error;
    }
  };
}

function tellsSecret({ type }: Subject, ids: readonly string[]) {
  const named = ids.map((id) => `"${id}"`).join(', ');
  return failure(
    FailureType.VENDOR_CONTRACT,
    `The vendor's handler for ${type} does not keep its contract: what it returned for ${named} holds a key or secret of the configuration, and is not saved.`,
  );
}

/** What an approval says beside its template; undefined where that is nothing. */
function approvalOf({ activationTile, effectiveDate, nextBillingDate }: Approve): Approval | undefined {
  const approval = {
    ...(activationTile !== undefined && { activationTile }),
    ...(effectiveDate !== undefined && { effectiveDate }),
    ...(nextBillingDate !== undefined && { nextBillingDate }),
  };
  return Object.keys(approval).length > 0 ? approval : undefined;
}

/** What an outcome changes; an error alone holds no secret, and goes with the others. */
function changesBy(subject: Subject, outcome: Outcome): { secrets: ParamChange[]; others: ParamChange[] } {
  const changes = changesTo(subject.params, outcome.params, outcome.kind === 'inquire' ? outcome.paramErrors : {});
  const secret = new Set(subject.params.filter(isSecret).map(({ id }) => id));
  const holdsSecret = (change: ParamChange) => secret.has(change.id) && holdsValue(change);
  return { secrets: changes.filter(holdsSecret), others: changes.filter((change) => !holdsSecret(change)) };
}

function holdsValue({ value, structuredValue }: ParamChange): boolean {
  return (value ?? structuredValue) !== undefined;
}

/** Saves the values of password parameters at once, so that they reach neither history nor the next step. */
async function saveSecrets(subject: Subject, secrets: readonly ParamChange[]): Promise<void> {
  if (secrets.length === 0) return;
  try {
    await subject.save(secrets.map(toConnect));
  } catch (error) {
    throw redactedFailure(error, redactorOf(secrets.flatMap(textsIn)));
  }
}

/** The texts of a password; of one that is a structure those long enough to stand for themselves, and numbers. */
function textsIn({ value, structuredValue }: ParamChange): string[] {
  return value === undefined ? leavesOf(structuredValue).filter(({ length }) => length >= SHORTEST) : [value];
}

const SHORTEST = 4;

function leavesOf(value: unknown): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leavesOf) : [];
}

/** Saves the values of an outcome that cannot be acted on, so far as the request has such parameters. */
async function saveValues(subject: Subject, outcome: Outcome): Promise<void> {
  const ids = new Set(subject.params.map(({ id }) => id));
  const known = Object.entries(outcome.params).filter(([id]) => ids.has(id));
  const { secrets, others } = changesBy(subject, {
    kind: 'approve',
    params: Object.fromEntries(known),
    template: undefined,
  });
  await saveSecrets(subject, secrets);
  const values = others.filter(holdsValue);
  if (values.length > 0) await subject.save(values.map(toConnect));
}
