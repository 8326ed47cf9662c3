import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { waitFor } from '../support/wait-for';
import { useStack } from './use-stack';

const PERSON = 'UR-000-000-007';
const FILE = { CONNECT_PROCESSOR_CONFIG: `${__dirname}/fixtures/selection.json` };
const processor = useStack({
  settings: { CONNECT_ENVIRONMENTS: 'production', CONNECT_MARKETPLACES_DENIED: 'MP-10002', ...FILE },
});

interface LeftRow {
  id: string;
  reason: string;
  why: string;
}
async function leftRequests(): Promise<LeftRow[]> {
  const { code, stdout } = await processor.run(['requests', 'list', '--left', '--json']);
  expect(code).toBe(0);
  return JSON.parse(stdout) as LeftRow[];
}
const approved = (id: string) => processor.control.untilSettled(id, { statuses: ['approved'], timeoutMs: 30_000 });

test('what is not selected stays pending, listed with its reason and said once; what is, is approved', async () => {
  const { control, worker, stack } = processor;
  const { plain, faulty, usage } = stack.sandbox.products;
  const testOrder = await control.placePurchase({ connection: 'test' });
  const preview = await control.placePurchase({ connection: 'preview' });
  const overseas = await control.placePurchase({ product: usage, marketplace: 'MP-10002' });
  const off = await control.placePurchase({ product: faulty });
  const taken = await control.placePurchase({ assignee: PERSON });
  const { asset } = await control.seedSubscription();
  const suspension = await control.placeOrder({ type: 'suspend', asset });
  const order = await control.placePurchase({ product: plain });
  expect(await approved(order.id)).toBe('approved');

  const listed = await leftRequests();
  expect(listed.map(({ id, reason }) => [id, reason])).toEqual([
    [testOrder.id, 'connection'],
    [preview.id, 'connection'],
    [overseas.id, 'marketplace'],
    [off.id, 'product'],
    [taken.id, 'assignee'],
    [suspension.id, 'type'],
  ]);
  expect(listed.map(({ why }) => why)).toEqual([
    'the connection type test is not processed',
    'the connection type preview is not processed',
    'the marketplace MP-10002 is denied',
    `${faulty} is switched off`,
    `it is assigned to Sandbox Operator (${PERSON})`,
    `suspend of ${plain} is switched off`,
  ]);
  const shown = await waitFor(
    'the round',
    async () => (await processor.run(['schedules', 'show'])).stdout,
    (text) => text.includes(' by assignee'),
  );
  expect(shown).toMatch(/; left: .*\d by assignee/);

  const lines = readFileSync(worker.logFile, 'utf8').split('\n');
  for (const { id } of listed) {
    expect(lines.filter((line) => line.includes('left pending') && line.includes(id))).toHaveLength(1);
    const { body } = await control.connect('GET', `/requests/${id}`);
    expect(body).toMatchObject({ status: 'pending' });
  }
}, 60_000);

test('a person who gives a request back has it processed', async () => {
  const { control } = processor;
  const taken = await control.placePurchase({ assignee: PERSON });
  await waitFor(
    'the log',
    () => readFileSync(processor.worker.logFile, 'utf8'),
    (text) => text.includes(taken.id),
  );
  expect((await leftRequests()).map(({ id }) => id)).toContain(taken.id);
  await control.connect('POST', `/requests/${taken.id}/unassign`, { body: {} });
  expect(await approved(taken.id)).toBe('approved');
}, 60_000);

test('doctor says what is processed, and whom an allow list forgets', async () => {
  const { stdout } = await processor.run(['doctor'], { CONNECT_MARKETPLACES_ALLOWED: 'MP-10001,MP-99999' });
  const { plain, faulty } = processor.stack.sandbox.products;
  expect(stdout).toMatch(new RegExp(`^ok +${plain} is processed: connection type production; `, 'm'));
  expect(stdout).toMatch(new RegExp(`^note +${faulty} is switched off`, 'm'));
  expect(stdout).toMatch(/^note +marketplace MP-99999 does not exist for this key/m);
}, 60_000);
