import type { Client } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes';

/** By temporal.api.enums.v1.IndexedValueType, as its operator service names them. */
const INDEXED_VALUE_TYPE = { KEYWORD: 2, INT: 3, DATETIME: 6 } as const;

/** As Temporal's command line spells a type: `Keyword`, `Datetime`, … */
export function spelled(type: keyof typeof INDEXED_VALUE_TYPE): string {
  return type.charAt(0) + type.slice(1).toLowerCase();
}

/** What is wrong with the namespace's search attributes; empty where all is well. */
export async function searchAttributeProblems(client: Client): Promise<string[]> {
  const registered = await registeredAttributes(client);
  return SEARCH_ATTRIBUTES.flatMap(({ name, type }) => {
    const found = registered[name];
    if (found === undefined || found === null) return [`${name} is not registered`];
    if (Number(found) === INDEXED_VALUE_TYPE[type]) return [];
    return [`${name} is registered with another type than ${spelled(type)}`];
  });
}

const isOfAnotherType = (problem: string) => problem.includes('another type');

const REMOVE =
  'An operator removes it (temporal operator search-attribute remove --name …) or chooses another namespace.';

/** Who mends these problems, and how. */
export function searchAttributesTodo(problems: readonly string[]): string {
  const register = 'un `connect-processor schedules apply`, which registers them.';
  return problems.some(isOfAnotherType) ? `${REMOVE} Then r${register}` : `R${register}`;
}

/**
 * Registers what is missing. Safe to repeat.
 *
 * @returns the names that were added
 * @throws Error where one exists with another type, which Temporal would ignore in silence
 */
export async function registerSearchAttributes(client: Client): Promise<string[]> {
  const registered = await registeredAttributes(client);
  const missing = SEARCH_ATTRIBUTES.filter(({ name }) => !Object.hasOwn(registered, name));
  if (missing.length > 0) {
    await client.connection.operatorService.addSearchAttributes({
      namespace: client.options.namespace,
      searchAttributes: Object.fromEntries(missing.map(({ name, type }) => [name, INDEXED_VALUE_TYPE[type]])),
    });
  }
  const problems = (await searchAttributeProblems(client)).filter(isOfAnotherType);
  if (problems.length > 0) throw new Error(`${problems.join('; ')}. ${REMOVE}`);
  return missing.map(({ name }) => name);
}

async function registeredAttributes(client: Client) {
  const answer = await client.connection.operatorService.listSearchAttributes({ namespace: client.options.namespace });
  return answer.customAttributes ?? {};
}
