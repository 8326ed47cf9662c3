import { invalid } from './errors';
import type { OrderItem } from './model';
import type { Product } from './product-model';

/** Every item of the product stands in a request; what is not bought has quantity `"0"`. */
export function emptyItems(product: Product): OrderItem[] {
  return product.items.map((item) => ({
    id: item.localId,
    global_id: item.id,
    mpn: item.mpn,
    old_quantity: '0',
    quantity: '0',
    type: item.unit,
    display_name: item.name,
    period: item.period,
    item_type: item.type,
    params: [],
  }));
}

/** The items of a request on an active subscription: what is had becomes the old quantity. */
export function nextItems(items: OrderItem[]): OrderItem[] {
  return items.map((item) => ({ ...item, old_quantity: item.quantity }));
}

/**
 * Set quantities. An item is named by its local id, its global id or its MPN.
 *
 * @throws ConnectError 400 for an unknown item or a quantity that is no number
 */
export function setQuantities(items: OrderItem[], input: unknown): void {
  if (input === undefined || input === null) return;
  if (!Array.isArray(input)) throw invalid('asset.items', 'Expected a list of items.');
  for (const one of input as ({ id?: unknown; mpn?: unknown; quantity?: unknown } | null)[]) {
    const key = one?.id ?? one?.mpn;
    const item = items.find(({ id, global_id, mpn }) => key === id || key === global_id || key === mpn);
    if (item === undefined) throw invalid('asset.items', `Item ${String(key)} does not exist.`);
    item.quantity = quantity(one?.quantity);
  }
}

function quantity(input: unknown): string {
  const text = typeof input === 'number' ? String(input) : input;
  if (typeof text !== 'string' || !/^(\d+(\.\d+)?|unlimited)$/.test(text)) {
    throw invalid('asset.items.quantity', 'A valid number is required.');
  }
  return text;
}

export function isBought(item: OrderItem): boolean {
  return item.quantity === 'unlimited' || Number(item.quantity) > 0;
}

export function isAltered(item: OrderItem): boolean {
  return item.quantity !== item.old_quantity;
}
