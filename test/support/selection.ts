import type { Selection } from '../../src/domain/selection';

/** Production alone, wherever it is sold. */
export const PRODUCTION: Selection = {
  process: true,
  typesOff: [],
  connectionTypes: ['production'],
  assigned: 'leave',
  marketplaces: { allowed: undefined, denied: [] },
  contracts: { allowed: undefined, denied: [] },
};
