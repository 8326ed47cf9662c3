import { z } from 'zod';

/** A text, where Connect may send nothing or something else too: null is read as none, a number or a structure as its JSON. */
export const Text = z
  .unknown()
  .transform((value) => (typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value)))
  .default('');

/** What something cannot be told apart without; Connect may send a whole number for it. */
export const Id = z.preprocess((value) => (Number.isInteger(value) ? String(value) : value), z.string());

/** Something with an id, and perhaps a name. */
export const Ref = z.object({ id: Id, name: Text });

/** A part that Connect leaves out, or sends as null, `""` or `{}` where there is none. */
export function optional<T>(schema: z.ZodType<T>) {
  const isAbsent = (value: unknown) =>
    value === null || value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
  return z.preprocess((value) => (isAbsent(value) ? undefined : value), schema.optional());
}

/** The same where there may be none: without an id it is none. */
export const OptionalRef = z.preprocess((value) => (lacksId(value) ? undefined : value), Ref.optional());

function lacksId(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === null || value === '';
  return !('id' in value) || value.id === null || value.id === '';
}

/** A list, in which null stands for nothing. */
export function listOf<T>(schema: z.ZodType<T>) {
  return z
    .array(schema.nullable())
    .nullish()
    .transform((list) => (list ?? []).filter((one) => one !== null));
}

/** How late a request is by its service level; nothing hangs on it but its turn, so what cannot be read is as none. */
export const Sli = optional(z.object({ zone: z.coerce.number().int().nonnegative() })).catch(undefined);

/** What cannot be read is not said. */
const Flag = z.union([z.boolean(), z.stringbool()]).nullish().catch(undefined);

const Structure = z.record(z.string(), z.unknown());

/** A parameter of a request, as the vendor sees it. */
export const Parameter = z.object({
  id: Id,
  name: Text,
  title: Text,
  /** `text`, `email`, `password`, `checkbox`, `phone`, `address`, `object`, `choice`, `dropdown`, … */
  type: Text,
  /** Who fills it: `ordering` the customer, `fulfillment` the vendor, `configuration` the vendor for a product or item. */
  phase: Text,
  scope: Text,
  value: Text,
  structured_value: z
    .unknown()
    .optional()
    .transform((value) => (Structure.safeParse(value).success ? (value as Record<string, unknown>) : undefined)),
  value_error: Text,
  constraints: optional(z.object({ required: Flag, hidden: Flag, unique: Flag })).catch(undefined),
});
export type Parameter = z.infer<typeof Parameter>;

export const Parameters = listOf(Parameter);

/** A write of one parameter. Of value and structured value one at most. */
export interface ParamUpdate {
  id: string;
  value?: string;
  structured_value?: Record<string, unknown>;
  value_error?: string;
}

/** In its parts, or in one text. */
const Phone = z.preprocess(
  (value) => (typeof value === 'string' ? { phone_number: value } : value),
  z.object({ country_code: Text, area_code: Text, phone_number: Text, extension: Text }),
);

/** A customer or reseller. Who it is matters; how to reach it fails no request. */
export const TierAccount = z.object({
  id: Text,
  name: Text,
  type: Text,
  external_id: Text,
  external_uid: Text,
  tax_id: Text,
  contact_info: optional(
    z.object({
      address_line1: Text,
      address_line2: Text,
      city: Text,
      state: Text,
      postal_code: Text,
      country: Text,
      contact: optional(
        z.object({
          first_name: Text,
          last_name: Text,
          email: Text,
          phone_number: optional(Phone).catch(undefined),
        }),
      ).catch(undefined),
    }),
  ).catch(undefined),
});
export type TierAccount = z.infer<typeof TierAccount>;

/** Where a subscription or tier configuration comes from: `production`, `test`, `preview`, and which hub. */
export const Connection = z.object({
  id: Text,
  type: Text,
  provider: OptionalRef.catch(undefined),
  vendor: OptionalRef.catch(undefined),
  hub: OptionalRef.catch(undefined),
});

/** Whom a request is assigned to; an id alone where Connect sends no more. */
export const Assignee = optional(
  z.union([
    z.string().transform((id) => ({ id, name: '' })),
    z.object({ id: Text, name: Text, email: Text }).transform(({ id, name, email }) => ({ id, name: name || email })),
  ]),
);
