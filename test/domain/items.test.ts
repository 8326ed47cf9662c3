import { expect, test } from '@jest/globals';
import { itemChanges, quantityOf, QuantityUnreadable } from '../../src/domain/items';

const item = (mpn: string, old_quantity: string, quantity: string) => ({
  id: `PRD_${mpn}`,
  mpn,
  old_quantity,
  quantity,
});

test.each([
  ['5', 5],
  ['0', 0],
  ['', 0],
  ['2.5', 2.5],
  ['unlimited', Infinity],
  ['-1', Infinity], // as older hubs say it
])('reads the quantity "%s" as %d', (text, quantity) => {
  expect(quantityOf(item('SEAT', '', text))).toBe(quantity);
  expect(quantityOf(item('SEAT', text, ''), 'old_quantity')).toBe(quantity);
});

test.each(['five', '1,5', 'NaN', 'Infinity', '1e999'])('does not guess at the quantity "%s"', (text) => {
  const read = () => quantityOf(item('SEAT', '', text));
  expect(read).toThrow(QuantityUnreadable);
  expect(read).toThrow(`Item "SEAT" (PRD_SEAT) has the quantity "${text}".`);
});

test('tells what a change adds, removes and alters, and says nothing of what stays', () => {
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
