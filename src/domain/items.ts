/** An item of a subscription as a request shows it. Quantities are Connect's text: a decimal, or `unlimited`. */
export interface RequestedItem {
  id: string;
  mpn: string;
  quantity: string;
  old_quantity: string;
}

/** What a change request does to one item. */
export interface ItemChange<I extends RequestedItem> {
  item: I;
  /** Quantities before and after; `Infinity` for `unlimited`. */
  from: number;
  to: number;
}

/** What a request adds, removes and alters, by item. Items that stay as they are, are in none of the three. */
export interface ItemChanges<I extends RequestedItem> {
  added: ItemChange<I>[];
  removed: ItemChange<I>[];
  altered: ItemChange<I>[];
}

/** Thrown where a quantity is needed and cannot be read. Of a quantity that nobody asks for, nothing is thrown. */
export class QuantityUnreadable extends Error {
  constructor({ id, mpn }: Pick<RequestedItem, 'id' | 'mpn'>, text: string) {
    super(`Item "${mpn}" (${id}) has the quantity "${text}". Connect sends a decimal number or "unlimited".`);
    this.name = 'QuantityUnreadable';
  }
}

/**
 * A quantity as a number. Connect sends text; an item that was not bought has `0`, or nothing.
 *
 * @returns `Infinity` for `unlimited`
 * @throws QuantityUnreadable where the text is neither a number nor `unlimited`
 */
export function quantityOf(item: RequestedItem, which: 'quantity' | 'old_quantity' = 'quantity'): number {
  const text = item[which];
  if (text === '') return 0;
  if (text === 'unlimited') return Infinity;
  const quantity = Number(text);
  if (!Number.isFinite(quantity)) throw new QuantityUnreadable(item, text);
  return quantity === -1 ? Infinity : quantity;
}

/**
 * Every item is listed in a request, those with quantity 0 too; so what counts is the difference.
 *
 * @throws QuantityUnreadable
 */
export function itemChanges<I extends RequestedItem>(items: readonly I[]): ItemChanges<I> {
  const changes: ItemChanges<I> = { added: [], removed: [], altered: [] };
  for (const item of items) {
    const from = quantityOf(item, 'old_quantity');
    const to = quantityOf(item);
    if (from === to) continue;
    const group = from === 0 ? changes.added : to === 0 ? changes.removed : changes.altered;
    group.push({ item, from, to });
  }
  return changes;
}
