import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ServiceError } from '@temporalio/client';
import { DEFAULT_PATIENCE } from '../../src/domain/request-run';
import { connectTemporal, type TemporalClient } from '../../src/temporal/client';
import { createStarter } from '../../src/temporal/starter';
import { RequestRun } from '../support/request-run';
import { useOwnNamespace } from './namespace';

let temporal: TemporalClient;
beforeAll(async () => {
  temporal = await connectTemporal();
});
afterAll(() => temporal.close());
const own = useOwnNamespace();

const patience = { ...DEFAULT_PATIENCE, quietMs: 1234 };
const start: ReturnType<typeof createStarter> = (request) =>
  createStarter(temporal.client, { taskQueue: `nobody-${randomUUID()}`, patience })(request);
const purchase = () => ({ id: `PR-${randomUUID()}`, type: 'purchase', productId: 'PRD-1', assetId: 'AS-1' });

describe('a request is started', () => {
  test('once: while a run is open, a second start finds it running', async () => {
    const request = purchase();
    expect(await start(request)).toBe('started');
    expect(await Promise.all([start(request), start(request)])).toEqual(['running', 'running']);
    await temporal.client.workflow.getHandle(request.id).terminate();
  });

  test('again, as a run of its own, once the last one is closed', async () => {
    const request = purchase();
    const run = new RequestRun(temporal.client, request.id);
    await start(request);
    const first = await run.runId();
    await run.terminate();
    expect(await start(request)).toBe('started');
    expect(await run.runId()).not.toBe(first);
    await run.terminate();
  });

  test('with a summary, attributes to find it by, and a short time for a worker that dies', async () => {
    const created = '2026-11-24T12:30:00+02:00';
    const request = { ...purchase(), created, sliZone: 2, handlerSeconds: 90 };
    await start(request);
    const description = await temporal.client.workflow.getHandle(request.id).describe();
    expect(await description.staticSummary()).toBe('purchase of PRD-1 for AS-1');
    expect(description.type).toBe('fulfillmentRequest');
    expect(description.raw.executionConfig?.defaultWorkflowTaskTimeout?.seconds?.toString()).toBe('5');
    const run = new RequestRun(temporal.client, request.id);
    expect(await run.searchAttributes()).toEqual({
      ConnectProductId: 'PRD-1',
      ConnectAssetId: 'AS-1',
      ConnectRequestType: 'purchase',
      ConnectPhase: 'running',
      ConnectCreatedAt: new Date(created),
      ConnectSliZone: 2,
    });
    expect(await run.input()).toEqual({
      id: request.id,
      type: 'purchase',
      about: 'purchase of PRD-1 for AS-1',
      patience,
      handlerSeconds: 90,
    });
    await run.terminate();
  });

  test('of a tier configuration as the workflow of its kind, and with what is known of it alone', async () => {
    const id = `TCR-${randomUUID()}`;
    await start({ id, type: 'tier-setup' });
    const description = await temporal.client.workflow.getHandle(id).describe();
    expect(description.type).toBe('tierConfigRequest');
    expect(await description.staticSummary()).toBe('tier-setup');
    const run = new RequestRun(temporal.client, id);
    expect(await run.searchAttributes()).toEqual({ ConnectRequestType: 'tier-setup', ConnectPhase: 'running' });
    await run.terminate();
  });
});

describe('a start that Temporal refuses', () => {
  test.each([
    ['id', { id: `PR-${'9'.repeat(1_200)}` }, 'WorkflowId length exceeds limit.'],
    ['value', { productId: 'x'.repeat(3_000) }, 'search attribute ConnectProductId value size'],
  ])('for its %s tells of the request, in words, and not of the server', async (_, odd, why) => {
    const request = { ...purchase(), ...odd };
    const refused = await start(request).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RangeError);
    expect((refused as Error).message).toContain(`Temporal refuses to start a workflow for ${request.id}: ${why}`);
  });

  test('since its namespace lacks a search attribute tells of the server, although the code is the same', async () => {
    const { connection, client, server } = own;
    const searchAttributes = ['ConnectAssetId'];
    await connection.operatorService.removeSearchAttributes({ namespace: server.namespace, searchAttributes });
    const refused = await createStarter(client, { taskQueue: 'nobody', patience })(purchase()).catch(
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(ServiceError);
  });
});

test.each(['AS-1234-5678', '', 'PR-1; drop', 'poll'])('"%s" is refused: it is no id of a request', async (id) => {
  await expect(start({ id, type: 'purchase' })).rejects.toThrow(
    `"${id}" is no id of a fulfillment request (PR-…) or a tier config request (TCR-…).`,
  );
});
