import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
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
  created: string;
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
  for (const { created } of listed) expect(created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/); // as of open runs
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

test('usage of what is not selected is in no file; the dry run, the report and the metrics say so; a file that is there stays', async () => {
  const { control, stack, worker, run } = processor;
  const [product, period, overseas] = [stack.sandbox.products.usage, '2025-03', 'CRD-10000-20000-30002'];
  const [ours] = await control.seedSubscriptions({ product });
  const [testing] = await control.seedSubscriptions({ product, connection: 'test' });
  const [denied] = await control.seedSubscriptions({ product, marketplace: 'MP-10002' });
  const days = { from: '2025-03-01', to: '2025-03-31' };
  const external_id = `usage-${product}-${overseas}-${period}`;
  const before = { name: 'before', product: { id: product }, contract: { id: overseas }, period: days, external_id };
  const created = await control.connect('POST', '/usage/files', { body: before });
  const kept = created.body as { id: string };

  const of = ['--product', product, '--period', period, '--old'];
  const folder = mkdtempSync(path.join(tmpdir(), 'usage-'));
  const dry = await run(['usage', 'report', ...of, '--dry-run', '--json', '--out', folder]);
  const contractId = 'CRD-10000-20000-30001';
  expect([dry.code, JSON.parse(dry.stdout)]).toMatchObject([
    0,
    {
      workbooks: [{ contractId, rows: 2, bad: 0, notSelected: 2 }],
      notSelected: [
        { contractId, reason: 'connection', records: 2, assets: [testing!.asset] },
        { contractId: overseas, reason: 'marketplace', records: 2, assets: [denied!.asset] },
      ],
      kept: [{ contractId: overseas, fileId: kept.id, status: 'draft' }],
    },
  ]);
  expect(readdirSync(folder)).toEqual([`usage-${product}-${contractId}-${period}.xlsx`]);
  rmSync(folder, { recursive: true });

  const lines = [
    `  2 records of ${contractId} are not selected: the connection type test is not processed (${testing!.asset})`,
    `  2 records of ${overseas} are not selected: the marketplace MP-10002 is denied (${denied!.asset})`,
    `  ${kept.id} of ${overseas} is draft in Connect and stays as it is: no record of the contract is selected`,
  ];
  const reported = await run(['usage', 'report', ...of]);
  expect([reported.code, reported.stdout]).toEqual([0, expect.stringContaining(lines.join('\n'))]);
  const files = await control.usage.untilFiles((all) => all.some(({ status }) => status === 'pending'));
  expect(files.map(({ id, status, contract }) => [contract.id, id === kept.id, status]).sort()).toEqual([
    [contractId, false, 'pending'],
    [overseas, true, 'draft'],
  ]);
  const { id } = files.find(({ status }) => status === 'pending')!;
  expect((await control.usage.rows(id)).map(({ asset }) => asset)).toEqual([ours!.asset, ours!.asset]);

  await control.usage.accept(id);
  const runOf = `usage-${product}-${contractId}-${period}`;
  const look = async () => {
    await run(['usage', 'reprocess', runOf]); // it would look by itself, but later
    return (await run(['usage', 'show', runOf])).stdout;
  };
  const shown = await waitFor('the end of the file', look, (text) => text.includes('completed'));
  expect(shown).toContain(`  accepted ${id}\n  2 records are not selected\n`);

  const metrics = await (await fetch(`http://127.0.0.1:${worker.metricsPort}/metrics`)).text();
  for (const reason of ['connection', 'marketplace']) {
    expect(metrics).toMatch(
      new RegExp(`^connect_usage_records_not_selected_total\\{.*reason="${reason}".*\\} 2$`, 'm'),
    );
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
