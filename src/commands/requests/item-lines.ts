/** What a request says of an item. */
interface Bought {
  mpn: string;
  quantity: string;
  old_quantity: string;
}

/** The items that a request is about, for people: `SEAT 5 to 7`. Those that were not bought, and are not, are left out. */
export function itemLines(items: readonly Bought[]): string[] {
  return items
    .filter(({ quantity, old_quantity: before }) => ![quantity, before].every(isNone))
    .map(({ mpn, quantity, old_quantity: before }) =>
      isNone(before) || before === quantity ? `${mpn} ${quantity}` : `${mpn} ${before} to ${quantity}`,
    );
}

const isNone = (quantity: string) => quantity === '' || Number(quantity) === 0;
