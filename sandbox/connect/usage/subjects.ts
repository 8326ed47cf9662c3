import type { Asset } from '../model';
import type { ItemDefinition } from '../product-model';
import type { Store } from '../store';
import type { Problem, UsageFile } from './model';

type Found<T> = { found: T } | { problem: Problem };

/** What the rows of one file speak of: items of its product, subscriptions of its product and contract. */
export class Subjects {
  private readonly itemsBy: Record<string, (item: ItemDefinition) => string> = {
    'item.mpn': (item) => item.mpn,
    'item.local_id': (item) => item.localId,
    'item.global_id': (item) => item.id,
  };
  private readonly assetsBy: Record<string, (asset: Asset) => string> = {
    'asset.external_id': (asset) => asset.external_id,
    'asset.external_uid': (asset) => asset.external_uid,
  };
  /** Criteria to value to what has it; each made when the first row asks for it. */
  private readonly items = new Map<string, Map<string, ItemDefinition[]>>();
  private readonly assets = new Map<string, Map<string, Asset[]>>();

  constructor(
    private readonly store: Store,
    private readonly file: UsageFile,
  ) {
    for (const { name, scope, constraints } of file.product.parameters) {
      if (scope !== 'asset' || !constraints.reconciliation) continue;
      this.assetsBy[`parameter.${name}`] = (asset) => asset.params.find(({ id }) => id === name)?.value ?? '';
    }
  }

  /** Undefined as the item where no item has the value: it may be one that the row brings. */
  item(criteria: string, value: string): Found<ItemDefinition | undefined> {
    const by = this.itemsBy[criteria];
    if (by === undefined) return { problem: unknownCriteria(criteria) };
    const [item] = indexed(this.items, criteria, () => this.file.product.items, by).get(value) ?? [];
    return { found: item };
  }

  asset(criteria: string, value: string): Found<Asset> {
    const { product, channel } = this.file;
    const assets = this.named(criteria, value);
    if (assets === undefined) return { problem: unknownCriteria(criteria) };
    const problem = (code: string, text: string) => ({ problem: { code, text } });
    const ofProduct = assets.filter((asset) => asset.product === product);
    const ofBoth = ofProduct.filter((asset) => asset.channel.contract.id === channel.contract.id);
    const [asset] = ofBoth;
    if (assets.length === 0) return problem('USG_021', `Unknown asset "${value}"`);
    if (ofProduct.length === 0) return problem('USG_022', `Asset "${value}" is of another product`);
    if (asset === undefined) return problem('USG_023', `Asset "${value}" is of another contract`);
    if (ofBoth.length > 1) return problem('USG_024', `More than one asset is "${value}"`);
    return { found: asset };
  }

  private named(criteria: string, value: string): Asset[] | undefined {
    if (criteria === 'asset.id') return [this.store.assets.get(value)].filter((asset) => asset !== undefined);
    const by = this.assetsBy[criteria];
    return by && (indexed(this.assets, criteria, () => this.store.assets.all(), by).get(value) ?? []);
  }
}

const unknownCriteria = (criteria: string): Problem => ({
  code: 'USG_004',
  text: `Unknown search criteria "${criteria}"`,
});

function indexed<T>(
  indexes: Map<string, Map<string, T[]>>,
  criteria: string,
  all: () => Iterable<T>,
  by: (record: T) => string,
): Map<string, T[]> {
  const known = indexes.get(criteria);
  if (known !== undefined) return known;
  const index = new Map<string, T[]>();
  for (const record of all()) {
    const value = by(record);
    const alike = index.get(value);
    if (value === '') continue;
    if (alike === undefined) index.set(value, [record]);
    else alike.push(record);
  }
  indexes.set(criteria, index);
  return index;
}
