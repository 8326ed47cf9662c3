import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  changesTo,
  findParam,
  outstanding,
  type ParamChange,
  ParameterMissing,
  type ParamValue,
  sameJson,
  type StoredParam,
} from '../../src/domain/parameters';

/** What Connect does with a write: it sets what is named and leaves the rest. */
function apply(stored: readonly StoredParam[], changes: readonly ParamChange[]): StoredParam[] {
  return stored.map((param) => {
    const change = changes.find(({ id }) => id === param.id);
    return {
      ...param,
      ...(change?.value !== undefined && { value: change.value }),
      ...(change?.structuredValue !== undefined && { structured_value: change.structuredValue }),
      ...(change?.valueError !== undefined && { value_error: change.valueError }),
    };
  });
}

const json = fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>, {
  maxKeys: 3,
});
const id = fc.oneof(fc.constantFrom('a', 'b', 'toString', 'constructor', '__proto__'), fc.string({ minLength: 1 }));
const storedParams = fc.uniqueArray(
  fc.record({
    id,
    type: fc.constantFrom('text', 'checkbox', 'password'),
    phase: fc.constantFrom('ordering', 'fulfillment'),
    value: fc.constantFrom('', 'x', 'y'),
    structured_value: fc.option(json, { nil: undefined }),
    value_error: fc.constantFrom('', 'Wrong.'),
  }),
  { selector: ({ id: name }) => name, maxLength: 6 },
);
const value: fc.Arbitrary<ParamValue> = fc.oneof(fc.constantFrom('', 'x', 'y'), json);

/** Stored parameters, and wanted values and errors for some of them. */
const cases = storedParams.chain((stored) => {
  const forSome = <T>(wish: fc.Arbitrary<T>) =>
    fc
      .tuple(...stored.map((param) => fc.tuple(fc.constant(param.id), fc.option(wish, { nil: undefined }))))
      .map((pairs) => ownObject(pairs.filter((pair): pair is [string, T & {}] => pair[1] !== undefined)));
  return fc.tuple(fc.constant(stored), forSome(value), forSome(fc.constantFrom('Wrong.', 'Wrong too.')));
});

/** An object that has `__proto__` as a key like any other, as one that JSON made. */
function ownObject<T>(pairs: [string, T][]): Record<string, T> {
  const made: Record<string, T> = {};
  for (const [key, value] of pairs) Object.defineProperty(made, key, { value, enumerable: true, configurable: true });
  return made;
}

const errorIn = (errors: Record<string, string>, name: string) => (Object.hasOwn(errors, name) ? errors[name] : '');

test('writes that are applied give the wanted values and errors, and no other error is left', () => {
  fc.assert(
    fc.property(cases, ([stored, wanted, errors]) => {
      const after = apply(stored, changesTo(stored, wanted, errors));
      for (const [name, wish] of Object.entries(wanted)) {
        const { value: text, structured_value: structure } = findParam(after, name);
        if (typeof wish === 'string') expect(text).toBe(wish);
        else expect(sameJson(structure ?? {}, wish)).toBe(true);
      }
      for (const param of after) expect(param.value_error).toBe(errorIn(errors, param.id));
    }),
  );
});

test('a second look finds nothing to write', () => {
  fc.assert(
    fc.property(cases, ([stored, wanted, errors]) => {
      const changes = changesTo(stored, wanted, errors);
      const after = apply(stored, changes);
      expect(changesTo(after, wanted, errors)).toEqual([]);
      expect(outstanding(after, changes)).toEqual([]);
    }),
  );
});

test('nothing is written that is there already, and each parameter at most once', () => {
  fc.assert(
    fc.property(cases, ([stored, wanted, errors]) => {
      const changes = changesTo(stored, wanted, errors);
      expect(new Set(changes.map((change) => change.id)).size).toBe(changes.length);
      expect(outstanding(stored, changes)).toEqual(changes);
      for (const change of changes) {
        expect(apply(stored, [change])).not.toEqual(stored);
        if (!Object.hasOwn(wanted, change.id)) {
          expect(change).toEqual({ id: change.id, valueError: errorIn(errors, change.id) });
        }
      }
    }),
  );
});

test('of a save that was half done, only the other half is left', () => {
  const stored = [param('a'), param('b')];
  const changes = changesTo(stored, { a: '1', b: '2' });
  expect(outstanding(apply(stored, changes.slice(0, 1)), changes)).toEqual([changes[1]]);
});

test('a value is saved with the error that is taken away, and an error alone is taken away without a value', () => {
  const stored = [param('a', 'old', 'Wrong.'), param('b', 'kept', 'Wrong too.')];
  expect(changesTo(stored, { a: 'new' })).toEqual([
    { id: 'a', value: 'new', valueError: '' },
    { id: 'b', valueError: '' },
  ]);
});

test('a wanted error is written beside a value that stays, and one that is there already is not', () => {
  const stored = [param('a', 'kept'), param('b', 'kept', 'Wrong.'), param('c', 'kept', 'Outdated.')];
  expect(changesTo(stored, {}, { a: 'Wrong.', b: 'Wrong.' })).toEqual([
    { id: 'a', valueError: 'Wrong.' },
    { id: 'c', valueError: '' },
  ]);
  expect(changesTo(stored, { a: 'kept', b: 'kept' }, { a: 'Wrong.', b: 'Wrong.' })).toEqual([
    { id: 'a', value: 'kept', valueError: 'Wrong.' },
    { id: 'c', valueError: '' },
  ]);
  expect(() => changesTo(stored, {}, { d: 'Wrong.' })).toThrow(ParameterMissing);
});

test('an unknown parameter is named, with those that there are', () => {
  expect(() => changesTo([param('a')], { b: '1' })).toThrow(ParameterMissing);
  expect(() => findParam([param('a'), param('c')], 'b')).toThrow('The request has no parameter "b". It has: a, c.');
  expect(() => findParam([], 'toString')).toThrow('It has: none.');
});

test('structures are the same whatever the order of their keys, and differ wherever a value does', () => {
  expect(sameJson({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).toBe(true);
  for (const other of [{ a: 1 }, { a: 1, b: 3 }, { a: 1, c: 2 }, { a: 1, b: 2, c: 3 }, [1, 2], null, 'text']) {
    expect(sameJson({ a: 1, b: 2 }, other)).toBe(false);
  }
  expect(sameJson([1, 2], [2, 1])).toBe(false);
  expect(sameJson({}, [])).toBe(false);
  expect(sameJson([-0], [0])).toBe(true);
  fc.assert(fc.property(fc.jsonValue(), (value) => sameJson(value, JSON.parse(JSON.stringify(value)))));
});

function param(name: string, text = '', error = ''): StoredParam {
  return { id: name, type: 'text', phase: 'fulfillment', value: text, value_error: error };
}
