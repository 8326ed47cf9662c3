import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { registerSearchAttributes, searchAttributeProblems } from '../../src/temporal/search-attributes';
import { useOwnNamespace } from './namespace';

const own = useOwnNamespace();
const NAMES = ['ConnectPhase', 'ConnectReason', 'ConnectProductId', 'ConnectAssetId', 'ConnectRequestType'];
const TEXT = 1; // temporal.api.enums.v1.IndexedValueType

const operator = () => own.connection.operatorService;
const namespace = () => own.server.namespace;
const remove = (...searchAttributes: string[]) =>
  operator().removeSearchAttributes({ namespace: namespace(), searchAttributes });

test('a namespace that has them all has no problem, and is given none again', async () => {
  expect(await searchAttributeProblems(own.client)).toEqual([]);
  expect(await registerSearchAttributes(own.client)).toEqual([]);
});

/** Those of the table for the Web UI. */
const page = readFileSync(path.join(__dirname, '../../docs/operate.md'), 'utf8');
const table = page.split(/^\| what +\| filter +\|$/m)[1]?.split('\n\n')[0] ?? '';
const filters = [...table.matchAll(/^\|[^|`]+\| `([^`]+)` +\|$/gm)].map(([, filter = '']) => filter);

test('there are filters in operate.md, for usage too', () => {
  expect(filters).toEqual(expect.arrayContaining(["ConnectFinding = 'differs'", "WorkflowType = 'pollConnect'"]));
});

test.each(filters)('the server takes the filter of operate.md: %s', async (filter) => {
  expect(await own.client.workflow.count(filter)).toEqual({ count: expect.any(Number), groups: [] });
});

test('those that are missing are named, then registered', async () => {
  await remove('ConnectReason', 'ConnectPhase');
  expect(await searchAttributeProblems(own.client)).toEqual([
    ...['ConnectPhase is not registered', 'ConnectReason is not registered'],
  ]);
  expect(await registerSearchAttributes(own.client)).toEqual(['ConnectPhase', 'ConnectReason']);
  const { customAttributes } = await operator().listSearchAttributes({ namespace: namespace() });
  expect(Object.keys(customAttributes ?? {})).toEqual(expect.arrayContaining(NAMES));
});

test('one of another type is refused, with what to do: Temporal would ignore it in silence', async () => {
  await remove('ConnectAssetId');
  await operator().addSearchAttributes({ namespace: namespace(), searchAttributes: { ConnectAssetId: TEXT } });
  const problem = 'ConnectAssetId is registered with another type than Keyword';
  expect(await searchAttributeProblems(own.client)).toEqual([problem]);
  await expect(registerSearchAttributes(own.client)).rejects.toThrow(
    `${problem}. An operator removes it (temporal operator search-attribute remove --name …) or chooses another namespace.`,
  );
});
