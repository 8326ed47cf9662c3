import { afterAll, beforeAll, jest } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { connectTemporal, type TemporalClient } from '../../src/temporal/client';
import { findOrStartServer, type TemporalServer } from '../../src/temporal/server';

/** A namespace of the file's own, on the server of the run. */
export interface OwnNamespace {
  server: TemporalServer;
  client: Client;
  connection: TemporalClient['connection'];
}

export function useOwnNamespace(): OwnNamespace {
  jest.setTimeout(60_000);
  const shared = {} as OwnNamespace & { temporal: TemporalClient };
  beforeAll(async () => {
    const server = await findOrStartServer({ env: process.env, report: () => undefined });
    const temporal = await connectTemporal(server.env);
    Object.assign(shared, { server, temporal, client: temporal.client, connection: temporal.connection });
  });
  afterAll(async () => {
    await shared.temporal.close();
    await shared.server.close();
  });
  return shared;
}
