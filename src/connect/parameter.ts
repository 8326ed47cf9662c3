import { z } from 'zod';

/** A text, where Connect may send nothing, a number or a truth value too. */
export const Text = z
  .union([z.string(), z.union([z.number(), z.boolean()]).transform(String), z.null().transform(() => '')])
  .default('');

/** Something with an id, and perhaps a name. */
export const Ref = z.object({ id: z.string(), name: Text });

/** A part that Connect leaves out, or sends as null, `""` or `{}` where there is none. */
export function optional<T>(schema: z.ZodType<T>) {
  const isAbsent = (value: unknown) =>
    value === null || value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
  return z.preprocess((value) => (isAbsent(value) ? undefined : value), schema.optional());
}

/** How late a request is by its service level; nothing hangs on it but its turn, so what cannot be read is as none. */
export const Sli = optional(z.object({ zone: z.coerce.number().int().nonnegative() })).catch(undefined);

const Structure = z.record(z.string(), z.unknown());

/** A parameter of a request, as the vendor sees it. */
export const Parameter = z.object({
  id: z.string(),
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
  constraints: optional(
    z.object({ required: z.boolean().nullish(), hidden: z.boolean().nullish(), unique: z.boolean().nullish() }),
  ),
});
export type Parameter = z.infer<typeof Parameter>;

export const Parameters = z
  .array(Parameter)
  .nullish()
  .transform((params) => params ?? []);

/** A write of one parameter. Of value and structured value one at most. */
export interface ParamUpdate {
  id: string;
  value?: string;
  structured_value?: Record<string, unknown>;
  value_error?: string;
}

/** A customer or reseller. */
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
          phone_number: optional(
            z.object({ country_code: Text, area_code: Text, phone_number: Text, extension: Text }),
          ),
        }),
      ),
    }),
  ),
});
export type TierAccount = z.infer<typeof TierAccount>;

/** Where a subscription or tier configuration comes from: `production`, `test`, `preview`, and which hub. */
export const Connection = z.object({
  id: Text,
  type: Text,
  provider: optional(Ref),
  vendor: optional(Ref),
  hub: optional(Ref),
});

/** Whom a request is assigned to; an id alone where Connect sends no more. */
export const Assignee = optional(
  z.union([
    z.string().transform((id) => ({ id, name: '' })),
    z.object({ id: Text, name: Text, email: Text }).transform(({ id, name, email }) => ({ id, name: name || email })),
  ]),
);
