import { expect, test } from '@jest/globals';
import { itemChanges, quantityOf } from '../../src/domain/items';

test.each([
  ['5', 5],
  ['0', 0],
  ['', 0],
  ['2.5', 2.5],
  ['unlimited', Infinity],
  ['-1', Infinity], // as older hubs say it
])('reads the quantity "%s" as %d', (text, quantity) => {
  expect(quantityOf(text)).toBe(quantity);
});

test.each(['five', '1,5', 'NaN', 'Infinity', '1e999'])('does not guess at the quantity "%s"', (text) => {
  expect(() => quantityOf(text)).toThrow(RangeError);
});

test('tells what a change adds, removes and alters, and says nothing of what stays', () => {
  const item = (mpn: string, old_quantity: string, quantity: string) => ({ id: mpn, mpn, old_quantity, quantity });
  const items = [
    item('MORE', '5', '7'),
    item('NEW', '0', '2'),
    item('GONE', '3', '0'),
    item('SAME', '4', '4.0'),
    item('NEVER', '0', ''),
    item('ENDLESS', '10', 'unlimited'),
  ];
  expect(itemChanges(items)).toEqual({
    added: [{ item: items[1], from: 0, to: 2 }],
    removed: [{ item: items[2], from: 3, to: 0 }],
    altered: [
      { item: items[0], from: 5, to: 7 },
      { item: items[5], from: 10, to: Infinity },
    ],
  });
});
