import type { UsageSchema } from '../src/domain/usage';

const SCHEMAS: readonly string[] = ['QT', 'TR', 'CR', 'PR'] satisfies UsageSchema[];

/**
 * How the usage of a product is priced, or why none of it can be reported.
 *
 * @param payAsYouGo its capability in Connect; absent where it is switched off
 */
export function usageSchema(
  productId: string,
  payAsYouGo: { schema: string } | null | undefined,
): { schema: UsageSchema } | { problem: string } {
  if (!payAsYouGo) return { problem: `${productId} has no pay-as-you-go in Connect: its capability is switched off.` };
  const schema = payAsYouGo.schema.toUpperCase();
  if (SCHEMAS.includes(schema)) return { schema: schema as UsageSchema };
  return {
    problem: `The pay-as-you-go schema of ${productId} is "${payAsYouGo.schema}"; known are QT, TR, CR and PR.`,
  };
}
