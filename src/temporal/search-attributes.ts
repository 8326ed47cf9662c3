import type { Client } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes';

const KEYWORD = 2; // temporal.api.enums.v1.IndexedValueType

/** What is wrong with the namespace's search attributes; empty where all is well. */
export async function searchAttributeProblems(client: Client): Promise<string[]> {
  const registered = await registeredAttributes(client);
  return SEARCH_ATTRIBUTES.flatMap(({ name }) => {
    const type = registered[name];
    if (type === undefined || type === null) return [`${name} is not registered`];
    return Number(type) === KEYWORD ? [] : [`${name} is registered with another type than Keyword`];
  });
}

/**
 * Registers what is missing. Safe to repeat.
 *
 * @returns the names that were added
 * @throws Error where one exists with another type, which Temporal would ignore in silence
 */
export async function registerSearchAttributes(client: Client): Promise<string[]> {
  const registered = await registeredAttributes(client);
  const missing = SEARCH_ATTRIBUTES.map(({ name }) => name).filter((name) => !Object.hasOwn(registered, name));
  if (missing.length > 0) {
    await client.connection.operatorService.addSearchAttributes({
      namespace: client.options.namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
    });
  }
  const problems = (await searchAttributeProblems(client)).filter((problem) => problem.includes('another type'));
  if (problems.length > 0) {
    throw new Error(
      `${problems.join('; ')}. An operator removes it (temporal operator search-attribute remove --name …) or chooses another namespace.`,
    );
  }
  return missing;
}

async function registeredAttributes(client: Client) {
  const answer = await client.connection.operatorService.listSearchAttributes({ namespace: client.options.namespace });
  return answer.customAttributes ?? {};
}
