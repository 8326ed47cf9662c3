import type { Config } from '../../config';
import { createConnectClient } from '../../connect/client';
import { ConnectApiError } from '../../connect/errors';
import type { Ids, Selection } from '../../domain/selection';
import { type Finding, good, messageOf, note } from './finding';

/** The marketplace of previews, which Connect does not have. */
const NO_MARKETPLACE = 'MP-00000';

/** Which requests of each product are processed, and are there the marketplaces that the lists name? */
export async function* checkSelection({ connect: options, selections }: Config): AsyncGenerator<Finding> {
  const named = new Set<string>();
  for (const [id, selection] of Object.entries(selections)) {
    yield selection.process
      ? good(`${id} is processed: ${inWords(selection)}`)
      : note(
          `${id} is switched off: its requests stay pending, and its usage is not reported`,
          'To process it, take `process` out of `selection` in the file.',
        );
    const { allowed = [], denied } = selection.marketplaces;
    [...allowed, ...denied].forEach((marketplace) => named.add(marketplace));
  }
  named.delete(NO_MARKETPLACE);
  if (named.size === 0) return;

  const connect = createConnectClient({ ...options, timeoutMs: 15_000 });
  try {
    for (const id of named) {
      try {
        const { name } = await connect.marketplaces.get(id);
        yield good(`marketplace ${id} "${name}"`);
      } catch (error) {
        const isUnknown = error instanceof ConnectApiError && error.status === 404;
        yield note(
          isUnknown ? `marketplace ${id} does not exist for this key, and is in a list` : messageOf(error),
          isUnknown
            ? 'Correct CONNECT_MARKETPLACES_ALLOWED, CONNECT_MARKETPLACES_DENIED, or `selection` in the file.'
            : `To have ${id} checked, give the token the right to read marketplaces.`,
        );
      }
    }
  } finally {
    await connect.close();
  }
}

function inWords({ connectionTypes, typesOff, marketplaces, contracts, assigned }: Selection): string {
  return [
    `connection type ${connectionTypes.join(', ')}`,
    `marketplace ${idsInWords(marketplaces)}`,
    `contract ${idsInWords(contracts)}`,
    ...(typesOff.length > 0 ? [`without ${typesOff.join(', ')}`] : []),
    assigned === 'leave'
      ? 'without requests that are assigned to a person'
      : 'with requests that are assigned to a person',
  ].join('; ');
}

function idsInWords({ allowed, denied }: Ids): string {
  if (!allowed) return denied.length > 0 ? `any but ${denied.join(', ')}` : 'any';
  const both = allowed.filter((id) => denied.includes(id));
  const those = allowed.filter((id) => !denied.includes(id)).join(', ') || 'none';
  return both.length > 0 ? `${those}, since ${both.join(', ')} is denied too, which counts` : those;
}
