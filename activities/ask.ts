import type { Parameter, ParamUpdate } from '../src/connect/parameter';
import { changesTo, isSecret, type ParamChange } from '../src/domain/parameters';
import type { VendorAnswer } from '../src/domain/request-run';
import type { Outcome } from '../src/sdk/outcome';
import { redactedFailure } from './failure';
import { toConnect } from './param-updates';
import type { TemplateKind, Templates } from './templates';

export interface AskDependencies {
  templates: Templates;
  /** The configured template of a type of request; `chosen` is false where the name is the default that nobody chose. */
  templateName(use: 'activation' | 'inquire', productId: string, type: string): { name: string; chosen: boolean };
}

/** What the two kinds of request have in common when the vendor is asked. */
export interface Subject {
  type: string;
  productId: string;
  params: readonly Parameter[];
  activation: TemplateKind;
  /** Undefined for a tier config request: its inquiry has no template. */
  inquiry: TemplateKind | undefined;
  save(params: ParamUpdate[]): Promise<unknown>;
}

/** Asks the vendor about a request, and makes of the outcome what the workflow goes by. */
export function createAsk({ templates, templateName }: AskDependencies) {
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

  /** @param call the vendor's handler */
  return async (subject: Subject, call: () => Promise<Outcome>): Promise<VendorAnswer> => {
    const { activation, inquiry } = subject;
    const templateId = await templateFor(subject, 'activation', activation); // found missing before any side effect
    const outcome = await call();
    const params = await saveSecrets(subject, outcome);

    switch (outcome.kind) {
      case 'approve': {
        const { template } = outcome;
        const named =
          template === undefined ? templateId : await templateFor(subject, 'activation', activation, template);
        return { kind: 'approve', params, templateId: named };
      }
      case 'inquire':
        return {
          kind: 'inquire',
          params,
          paramErrors: { ...outcome.paramErrors },
          ...(inquiry && { templateId: await templateFor(subject, 'inquire', inquiry, outcome.template) }),
        };
      case 'fail':
        return { kind: 'fail', params, reason: outcome.reason };
      case 'wait':
        return { kind: 'wait', params, seconds: outcome.seconds };
    }
  };
}

/**
 * Saves the values of password parameters at once, so that they reach neither history nor the next step. An error alone holds no value, and
 * goes with the others.
 *
 * @returns the other changes
 */
async function saveSecrets(subject: Subject, outcome: Outcome): Promise<ParamChange[]> {
  const changes = changesTo(subject.params, outcome.params, outcome.kind === 'inquire' ? outcome.paramErrors : {});
  const secret = new Set(subject.params.filter(isSecret).map(({ id }) => id));
  const holdsSecret = ({ id, value, structuredValue }: ParamChange) =>
    secret.has(id) && (value ?? structuredValue) !== undefined;
  const secrets = changes.filter(holdsSecret);
  if (secrets.length > 0) {
    try {
      await subject.save(secrets.map(toConnect));
    } catch (error) {
      const values = secrets.flatMap(({ value }) => (value ? [value] : []));
      throw redactedFailure(error, (text) =>
        values.reduce((rest, value) => rest.replaceAll(value, '[redacted]'), text),
      );
    }
  }
  return changes.filter((change) => !holdsSecret(change));
}
