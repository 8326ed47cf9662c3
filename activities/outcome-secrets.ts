import { holdsSecret, type Redact, redactEach } from '../src/domain/redact';
import type { Outcome } from '../src/sdk/outcome';

/**
 * An outcome that tells nobody a secret of the configuration. It is taken out of the texts that people read. A value is not altered, since
 * programs go by it: a parameter whose value holds a secret is left out.
 *
 * @returns `refused`: the ids of the parameters that were left out
 */
export function withoutSecrets(outcome: Outcome, redact: Redact): { outcome: Outcome; refused: string[] } {
  const params = Object.entries(outcome.params);
  const refused = params.filter(([, value]) => holdsSecret(value, redact)).map(([id]) => id);
  const kept = Object.fromEntries(params.filter(([id]) => !refused.includes(id)));
  return { outcome: { ...withRedactedTexts(outcome, redact), params: kept }, refused };
}

function withRedactedTexts(outcome: Outcome, redact: Redact): Outcome {
  switch (outcome.kind) {
    case 'approve': {
      const { activationTile } = outcome;
      return activationTile === undefined ? outcome : { ...outcome, activationTile: redact(activationTile) };
    }
    case 'inquire':
      return { ...outcome, paramErrors: redactEach(outcome.paramErrors, redact) };
    case 'fail':
      return { ...outcome, reason: redact(outcome.reason) };
    case 'wait':
    case 'schedule':
      return outcome;
  }
}
