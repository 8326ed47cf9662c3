import { z } from 'zod';
import { byProduct, known } from './config-schema';
import { CONNECTION_TYPES, type ConnectionType, type Ids, type Selection } from './domain/selection';
import { REQUEST_TYPES } from './sdk/handlers';
import { isThisMachine } from './this-machine';

const TYPES = `must be connection types of Connect: ${CONNECTION_TYPES.join(', ')}`;
const MARKETPLACES = 'must be ids of marketplaces such as MP-00000';
const CONTRACTS = 'must be ids of contracts such as CRD-00000-00000-00000';
const ASSIGNED = 'must be "leave" or "process"';

const ConnectionTypeName = z.enum(CONNECTION_TYPES, { error: TYPES });
const MarketplaceId = z.string({ error: MARKETPLACES }).regex(/^MP-\d+$/, MARKETPLACES);
const ContractId = z.string({ error: CONTRACTS }).regex(/^CRD-\d+(-\d+)*$/, CONTRACTS);
const Assigned = z.enum(['leave', 'process'], { error: ASSIGNED });

/** A text with values that are separated by commas. */
function separated<T extends z.ZodType<string, string>>(value: T, error: string) {
  return z
    .string()
    .transform((text) => [...new Set(text.split(',').map((one) => one.trim()))].filter(Boolean))
    .pipe(z.array(value).min(1, `${error}, separated by commas`))
    .optional();
}

/** The variables, for all products. */
export const SelectionVariables = z.object({
  CONNECT_ENVIRONMENTS: separated(ConnectionTypeName, TYPES),
  CONNECT_MARKETPLACES_ALLOWED: separated(MarketplaceId, MARKETPLACES),
  CONNECT_MARKETPLACES_DENIED: separated(MarketplaceId, MARKETPLACES),
  CONNECT_CONTRACTS_ALLOWED: separated(ContractId, CONTRACTS),
  CONNECT_CONTRACTS_DENIED: separated(ContractId, CONTRACTS),
  CONNECT_ASSIGNED_REQUESTS: Assigned.default('leave'),
});

const onOff = z.boolean({ error: 'must be true or false' });
const listOf = <T extends z.ZodType>(value: T, error: string) => z.array(value, { error }).min(1, error).optional();
const types = known(
  Object.fromEntries(REQUEST_TYPES.map((type) => [type, onOff.optional()])),
  'no type of request that has a handler',
).optional();

/** Under `selection` in the file: products that differ from the rest. What is set for one replaces what is set for all. */
export const Selections = known({
  products: byProduct(
    known({
      /** False: nothing of this product is processed or reported. */
      process: onOff.optional(),
      /** False: requests of this type are left. */
      types,
      environments: listOf(ConnectionTypeName, TYPES),
      marketplacesAllowed: listOf(MarketplaceId, MARKETPLACES),
      marketplacesDenied: z.array(MarketplaceId, { error: MARKETPLACES }).optional(),
      contractsAllowed: listOf(ContractId, CONTRACTS),
      contractsDenied: z.array(ContractId, { error: CONTRACTS }).optional(),
      assigned: Assigned.optional(),
    }),
  ).optional(),
});

/** By product: the selection of each that is ours. */
export type SelectionByProduct = Readonly<Record<string, Selection>>;

/**
 * A selection for each product.
 *
 * @param differing what the file says of some of them
 * @param all what the variables say
 * @param connectUrl where nothing says which connection types are processed: all for a Connect on this machine, as the sandbox is; of any other
 *   production alone, since nobody asked for its test orders to be fulfilled
 */
export function selectionByProduct(
  { products: differing = {} }: z.infer<typeof Selections>,
  all: z.infer<typeof SelectionVariables>,
  { products, connectUrl }: { products: readonly string[]; connectUrl: string },
): SelectionByProduct {
  const connectionTypes = all.CONNECT_ENVIRONMENTS ?? defaultConnectionTypes(connectUrl);
  const marketplaces = ids(all.CONNECT_MARKETPLACES_ALLOWED, all.CONNECT_MARKETPLACES_DENIED);
  const contracts = ids(all.CONNECT_CONTRACTS_ALLOWED, all.CONNECT_CONTRACTS_DENIED);
  return Object.fromEntries(
    products.map((productId): [string, Selection] => {
      const own = differing[productId] ?? {};
      return [
        productId,
        {
          process: own.process ?? true,
          typesOff: Object.entries(own.types ?? {}).flatMap(([type, on]) => (on === false ? [type] : [])),
          connectionTypes: own.environments ?? connectionTypes,
          marketplaces: ids(
            own.marketplacesAllowed ?? marketplaces.allowed,
            own.marketplacesDenied ?? marketplaces.denied,
          ),
          contracts: ids(own.contractsAllowed ?? contracts.allowed, own.contractsDenied ?? contracts.denied),
          assigned: own.assigned ?? all.CONNECT_ASSIGNED_REQUESTS,
        },
      ];
    }),
  );
}

const ids = (allowed: readonly string[] | undefined, denied: readonly string[] = []): Ids => ({ allowed, denied });

function defaultConnectionTypes(connectUrl: string): readonly ConnectionType[] {
  return isThisMachine(connectUrl) ? CONNECTION_TYPES : ['production'];
}
