import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createConnectClient } from '../../src/connect/client';
import { and, eq, ge, oneOf, type RqlValue, toQuery } from '../../src/connect/rql';
import { parseRql } from '../../sandbox/connect/rql/parse';
import { useSandbox } from '../sandbox/start';

const box = useSandbox();

/** A value as the other side reads it. */
const read = (value: RqlValue) =>
  value === null ? { constant: 'null' } : value === '' ? { constant: 'empty' } : { text: String(value) };

/** Any text that RQL can say: all but those with both kinds of quotation mark. */
const text = fc
  .string({ unit: 'binary', maxLength: 40 })
  .filter((value) => !(value.includes('"') && value.includes("'")));
const value = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
const property = fc.stringMatching(/^[a-z][a-z_]{0,8}(\.[a-z_]{1,8}){0,3}$/);

test('asks for exactly the value that was given, whatever is in it', () => {
  fc.assert(
    fc.property(property, value, (prop, wanted) => {
      const { filter } = parseRql(toQuery({ filter: eq(prop, wanted) }));
      expect(filter).toEqual({ kind: 'compare', op: 'eq', prop, value: read(wanted) });
    }),
  );
});

test('asks for each of a list of values', () => {
  fc.assert(
    fc.property(property, fc.array(value, { minLength: 1, maxLength: 8 }), (prop, wanted) => {
      const { filter } = parseRql(toQuery({ filter: oneOf(prop, wanted) }));
      expect(filter).toEqual({ kind: 'list', op: 'in', prop, values: wanted.map(read) });
    }),
  );
});

test('keeps every condition of a query, with its order and its fields', () => {
  const condition = fc.tuple(property, value);
  const fields = fc.array(fc.tuple(fc.constantFrom('', '-'), property).map(([sign, name]) => sign + name));
  fc.assert(
    fc.property(fc.array(condition, { minLength: 2, maxLength: 5 }), fields, fields, (conditions, ordering, select) => {
      const filter = and(...conditions.map(([prop, wanted]) => eq(prop, wanted)));
      expect(parseRql(toQuery({ filter, ordering, select }))).toEqual({
        filter: {
          kind: 'and',
          args: conditions.map(([prop, v]) => ({ kind: 'compare', op: 'eq', prop, value: read(v) })),
        },
        ordering,
        select,
      });
    }),
  );
});

test('finds by a value that is full of punctuation what it finds by a plain one', async () => {
  const { sandbox, control } = box;
  const emails = [
    'plain@customer.example',
    'a (b), c@d',
    'r=1&s;t|u',
    "o'neill@x",
    'say "hi"',
    'plus+tag@x',
    '100%',
    'né à',
  ];
  for (const admin_email of emails) await control.placePurchase({ admin_email });
  const connect = createConnectClient({ url: sandbox.connectUrl, apiKey: sandbox.vendorKey });
  try {
    for (const admin_email of emails) {
      const found = [];
      const filter = and(eq('asset.params.value', admin_email), eq('status', 'pending'));
      for await (const { items } of connect.requests.list({ filter })) found.push(...items);
      expect(found).toHaveLength(1);
      const { asset } = await connect.requests.get(found[0]!.id);
      expect(asset.params.find(({ id }) => id === 'admin_email')?.value).toBe(admin_email);
    }
  } finally {
    await connect.close();
  }
});

test('writes what people can read', () => {
  const filter = and(
    eq('status', 'pending'),
    oneOf('asset.product.id', ['PRD-1', 'PRD-2']),
    ge('updated', '2026-11-24T10:00:00Z'),
  );
  expect(toQuery({ filter, ordering: ['created'], select: ['-template'] })).toBe(
    'select(-template)&and(eq(status,pending),in(asset.product.id,(PRD-1,PRD-2)),ge(updated,2026-11-24T10:00:00Z))&ordering(created)',
  );
  expect(toQuery({})).toBe('');
});

test('refuses what would widen a filter to everything', () => {
  expect(() => oneOf('id', [])).toThrow(RangeError);
  expect(() => and()).toThrow(RangeError);
});

test('refuses what RQL cannot say instead of saying something else', () => {
  expect(() => eq('name', `both " and '`)).toThrow(/both kinds of quotation mark/);
  for (const name of ['', 'a b', 'a,b', 'a)', '1a', '-a', 'a=b']) expect(() => eq(name, 'x')).toThrow(RangeError);
  expect(() => toQuery({ ordering: ['created)&eq(id,1'] })).toThrow(RangeError);
  expect(() => toQuery({ select: ['--template'] })).toThrow(RangeError);
});
