import type { ParamValue } from '../domain/parameters';
import type { FulfillmentContext, TierConfigContext } from './request-context';
import { isRecord, LONGEST_ERROR, valueProblems } from './values';

/**
 * Checks what a customer or a reseller has entered, before the order is placed: Connect asks while somebody waits in front of the form.
 *
 * A function that is absent is a check that is absent: such drafts pass. Each is called often, also for drafts that are never placed, so it
 * creates nothing. It has to answer within `VALIDATION_TIME_LIMIT`; where it does not, or throws, the draft passes without errors, unless
 * `VALIDATION_STRICT` is set.
 */
export interface ValidateHooks {
  /** A draft of a purchase, a change or another fulfillment request, or the customer's answer to an inquiry. */
  fulfillment?(draft: FulfillmentContext): Promise<Validation | undefined>;
  /** The same for a tier config request, of either level. */
  tierConfig?(draft: TierConfigContext): Promise<Validation | undefined>;
  /** Which validators `webhooks apply` creates; default those of new drafts (docs/listen.md) that the functions above are for. */
  validators?: readonly Validator[];
}

/** What is wrong with a draft, and what to enter instead. Nothing, or undefined, where all is well. */
export interface Validation {
  /** A sentence for the customer, by the id of the parameter to correct; at most 512 characters each. */
  readonly errors?: Readonly<Record<string, string>>;
  /** Values that Connect takes in place of what was entered, by parameter id. */
  readonly values?: Readonly<Record<string, ParamValue>>;
}

/** Connect's validators of fulfillment requests: of drafts, and (`inquiring`) of answers to an inquiry. */
export const FULFILLMENT_VALIDATORS = [
  ...(['validator', 'inquiring_validator', 'change_validator', 'change_inquiring_validator'] as const),
  ...(['renew_validator', 'renew_inquiring_validator', 'transfer_validator', 'transfer_inquiring_validator'] as const),
] as const;

/** The same of tier config requests, by level. */
export const TIER_CONFIG_VALIDATORS = [
  ...(['draft_tcr_t1_val', 'draft_tcr_t2_val', 'tcr_setup_t1_inq_val', 'tcr_setup_t2_inq_val'] as const),
  ...([
    'tcr_update_t1_validator',
    'tcr_update_t2_validator',
    'tcr_update_t1_inq_val',
    'tcr_update_t2_inq_val',
  ] as const),
] as const;

export type Validator = (typeof FULFILLMENT_VALIDATORS)[number] | (typeof TIER_CONFIG_VALIDATORS)[number];

const FOR_FULFILLMENT: readonly string[] = FULFILLMENT_VALIDATORS;
const FOR_TIER_CONFIG: readonly string[] = TIER_CONFIG_VALIDATORS;

/** Drafts of what is ordered every day. */
const DEFAULT_VALIDATORS: readonly Validator[] = [
  ...(['validator', 'change_validator'] as const),
  ...(['draft_tcr_t1_val', 'draft_tcr_t2_val', 'tcr_update_t1_validator', 'tcr_update_t2_validator'] as const),
];

/** The validators that a vendor needs in Connect. */
export function validatorsOf({ fulfillment, tierConfig, validators = DEFAULT_VALIDATORS }: ValidateHooks): Validator[] {
  return validators.filter((name) => (FOR_FULFILLMENT.includes(name) ? fulfillment : tierConfig) !== undefined);
}

/** What does not fit in a vendor's `validate`. */
export function validateProblems(validate: unknown): string[] {
  if (!isRecord(validate)) return ['validate must be an object with "fulfillment", "tierConfig" or both'];
  const { fulfillment, tierConfig, validators, ...others } = validate;
  const problems = Object.keys(others).map(
    (name) => `validate.${name} is not one of fulfillment, tierConfig, validators`,
  );
  for (const [name, hook] of Object.entries({ fulfillment, tierConfig })) {
    if (hook !== undefined && typeof hook !== 'function') problems.push(`validate.${name} must be a function`);
  }
  if (fulfillment === undefined && tierConfig === undefined) {
    problems.push('validate needs a function "fulfillment", "tierConfig" or both');
  }
  if (validators === undefined) return problems;
  const known = [...FOR_FULFILLMENT, ...FOR_TIER_CONFIG];
  if (!Array.isArray(validators)) return [...problems, 'validate.validators must be a list'];
  for (const name of validators as unknown[]) {
    if (typeof name !== 'string' || !known.includes(name)) {
      problems.push(`validate.validators: ${JSON.stringify(name)} is not one of ${known.join(', ')}`);
    } else if ((FOR_FULFILLMENT.includes(name) ? fulfillment : tierConfig) === undefined) {
      problems.push(`validate.validators: "${name}" has no function in validate that would answer it`);
    }
  }
  return problems;
}

/**
 * What is wrong with what a validate hook returned; empty where it fits.
 *
 * @param validation anything, since a vendor's code may be JavaScript
 * @param known ids of the draft's parameters
 */
export function validationProblems(validation: unknown, known: readonly string[]): string[] {
  if (validation === undefined) return [];
  if (!isRecord(validation)) return ['it returned something else than { errors, values }'];
  const { errors = {}, values = {} } = validation;
  if (!isRecord(errors) || !isRecord(values)) return ['errors and values must be objects, by parameter id'];
  const strangers = [...Object.keys(errors), ...Object.keys(values)].filter((id) => !known.includes(id));
  return [
    ...strangers.map((id) => `the draft has no parameter "${id}"`),
    ...Object.entries(errors)
      .filter(([, text]) => typeof text !== 'string' || text.trim() === '' || text.length > LONGEST_ERROR)
      .map(([id]) => `the error of "${id}" must be a sentence of at most ${LONGEST_ERROR} characters`),
    ...valueProblems(values),
  ];
}
