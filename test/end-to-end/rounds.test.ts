import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { PollResult } from '../../src/domain/poll';
import { startStack } from '../../src/commands/stack';
import { findOrStartServer, freePort } from '../../src/temporal/server';
import { MAIN } from '../support/command-line';
import { processesWith } from '../support/processes';
import { waitFor } from '../support/wait-for';
import { useStack } from './use-stack';

const { PATH, HOME, TEMPORAL_CLI_PATH } = process.env;
/** Without TEMPORAL_ADDRESS, so that a server is started: what so many runs cost one, the tests beside these do not wait for. */
const OWN_SERVER = { PATH, HOME, TEMPORAL_CLI_PATH };

const ONCE = { status: 'approved', approvals: 1, tenants: 1 };

describe('many at once', () => {
  const processor = useStack({ worker: false, env: OWN_SERVER });

  test('250 pending requests are all started in one round; two workers approve each once', async () => {
    const { control, stack } = processor;
    const { plain } = stack.sandbox.products;
    const orders = await control.placeOrders({ type: 'purchase', product: plain, count: 250 });
    const workers = [await stack.startWorker(), await stack.startWorker()];
    for (const order of orders) expect(await processor.outcomeOf(order, 60_000)).toEqual(ONCE);
    expect((await control.counts()).doubledTenants).toEqual([]);

    const rounds: PollResult[] = [];
    const query = "WorkflowType = 'pollConnect' AND ExecutionStatus = 'Completed'";
    for await (const { workflowId, runId } of stack.client.workflow.list({ query })) {
      rounds.push((await stack.client.workflow.getHandle(workflowId, runId).result()) as PollResult);
    }
    expect(rounds.map(({ started }) => started).filter((started) => started > 0)).toEqual([250]);
    for (const worker of workers) await worker.stop();
  }, 120_000);
});

describe('very many at once', () => {
  const processor = useStack({ worker: false, env: OWN_SERVER });

  // More than a page of Connect's list has. 5,000 pass too, in two minutes on two cores where the runs that have started take their share.
  test('1,100 pending requests are all started in one round, also while the vendor answers none of them', async () => {
    const { control, stack } = processor;
    await control.fault({ api: 'vendor', method: '*', path: '/tenant', hang: true });
    await control.placeOrders({ type: 'purchase', product: stack.sandbox.products.plain, count: 1_100 });
    const worker = await stack.startWorker();
    const query = "WorkflowType = 'pollConnect' AND ExecutionStatus = 'Completed'";
    const started = async () => {
      const rounds: number[] = [];
      for await (const { workflowId, runId } of stack.client.workflow.list({ query })) {
        const round = (await stack.client.workflow.getHandle(workflowId, runId).result()) as PollResult;
        if (round.started > 0) rounds.push(round.started);
      }
      return rounds;
    };
    expect(await waitFor('the round', started, (rounds) => rounds.length > 0, 150_000)).toEqual([1_100]);
    await worker.stop('SIGKILL'); // what comes of each is for the tests of fewer: it would take minutes
  }, 200_000);
});

test('the Temporal server is killed and comes back with its file: what was under way ends once', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'temporal-'));
  const options = { env: OWN_SERVER, report: () => undefined, dbFile: path.join(folder, 'db'), port: await freePort() };
  let server = await findOrStartServer(options);
  const stack = await startStack({ env: { ...process.env, ...server.env }, report: () => undefined });
  try {
    await stack.startWorker();
    const { control } = stack;
    const held = await control.fault({ api: 'connect', method: 'POST', path: '/requests/*/approve', slowMs: 1500 });
    const orders = await control.placeOrders({ type: 'purchase', product: stack.sandbox.products.plain, count: 5 });
    await waitFor('the approvals', async () => (await control.getFault(held.id)).hits >= orders.length);

    const killed = processesWith('start-dev', '--port', String(options.port));
    expect(killed.length).toBeGreaterThan(0);
    for (const id of killed) process.kill(id, 'SIGKILL');
    await server.close(); // its guard, too
    server = await findOrStartServer(options);
    for (const { id, asset } of orders) {
      expect(await control.untilSettled(id, { timeoutMs: 60_000 })).toBe('approved');
      expect([await control.effects(id, 'approve'), (await control.tenantsOf(asset.id)).length]).toEqual([1, 1]);
      await waitFor(`the run of ${id}`, () => stack.client.workflow.getHandle(id).result(), Boolean, 60_000);
    }
  } finally {
    await stack.close();
    await server.close();
    rmSync(folder, { recursive: true });
  }
}, 180_000);

test('who reads only the beginning of an answer sees no stack', () => {
  const shown = execFileSync('/bin/sh', ['-c', `"${process.execPath}" "${MAIN}" --help 2>&1 | head -1`], {
    env: { PATH },
  });
  expect(shown.toString()).toBe('Usage: connect-processor [options] [command]\n');
});
