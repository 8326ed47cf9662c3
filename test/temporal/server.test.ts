import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { connectTemporal } from '../../src/temporal/client';
import { findCli } from '../../src/temporal/find-cli';
import { findOrStartServer, freePort, type TemporalServer } from '../../src/temporal/server';
import { searchAttributeProblems } from '../../src/temporal/search-attributes';
import { waitFor } from '../support/wait-for';

jest.setTimeout(60_000);
const running = process.env['TEMPORAL_ADDRESS']!;
const withoutAddress = { ...process.env, TEMPORAL_ADDRESS: undefined, TEMPORAL_NAMESPACE: undefined };
let reports: string[];
const report = (line: string) => void reports.push(line);
beforeEach(() => {
  reports = [];
});

const portOf = (address: string) => Number(address.split(':').at(-1));

/** Does something with a client of a server. */
async function withClient<T>(
  server: Pick<TemporalServer, 'env'>,
  use: (temporal: Awaited<ReturnType<typeof connectTemporal>>) => Promise<T>,
): Promise<T> {
  const temporal = await connectTemporal(server.env);
  try {
    return await use(temporal);
  } finally {
    await temporal.close();
  }
}

describe('a server that is started', () => {
  test('answers at its address, with all search attributes, and is gone once it is closed', async () => {
    const server = await findOrStartServer({ env: withoutAddress, report });
    expect(server).toMatchObject({ namespace: 'default', uiUrl: undefined });
    expect(server.address).not.toBe(running);
    expect(await withClient(server, ({ client }) => searchAttributeProblems(client))).toEqual([]);
    await server.close();
    await expect(freePort(portOf(server.address))).resolves.toBe(portOf(server.address));
  });

  test('has a Web UI where it is asked for', async () => {
    const server = await findOrStartServer({ env: withoutAddress, report, ui: true });
    expect((await fetch(server.uiUrl!)).status).toBe(200);
    await server.close();
  });

  test('says why where its port is taken, by another Temporal server even', async () => {
    const port = portOf(running);
    const start = findOrStartServer({ env: withoutAddress, report, port });
    await expect(start).rejects.toThrow(`Port ${port} cannot be used: listen EADDRINUSE`);
  });
});

describe('a CLI that does not do its work', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'server-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function fake(start: string) {
    const file = path.join(folder, 'temporal');
    const version = 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)';
    await writeFile(file, `#!/bin/sh\nif [ "$1" = --version ]; then echo '${version}'; exit; fi\n${start}\n`);
    await chmod(file, 0o755);
    return { ...withoutAddress, TEMPORAL_CLI_PATH: file };
  }

  test('is reported with what it said', async () => {
    const env = await fake('echo "Error: no space left on device" >&2; exit 1');
    await expect(findOrStartServer({ env, report })).rejects.toThrow(
      'The Temporal server ended at once: Error: no space left on device',
    );
  });

  test('is started again on another port where somebody was faster', async () => {
    const { file } = await findCli(withoutAddress, report);
    const once = `[ -e '${folder}/tried' ] || { touch '${folder}/tried'; echo 'bind: address already in use' >&2; exit 1; }`;
    const env = await fake(`${once}\nexec '${file}' "$@"`);
    const server = await findOrStartServer({ env, report });
    expect(await withClient(server, ({ client }) => searchAttributeProblems(client))).toEqual([]);
    await server.close();
  });
});

describe('a server that TEMPORAL_ADDRESS names', () => {
  test('is used in a namespace of our own, which is given back', async () => {
    const server = await findOrStartServer({ env: { TEMPORAL_ADDRESS: running }, report });
    const { namespace } = server;
    expect(server.source).toBe('named by TEMPORAL_ADDRESS; a namespace of its own');
    expect(await withClient(server, ({ client }) => searchAttributeProblems(client))).toEqual([]);
    await server.close();
    await withClient({ env: { TEMPORAL_ADDRESS: running } }, async ({ connection }) => {
      const describeIt = () => connection.workflowService.describeNamespace({ namespace });
      const gone = (answer: unknown) => (answer as { code?: number }).code === 5;
      await waitFor('the namespace to be gone', () => describeIt().catch((error: unknown) => error), gone);
    });
    expect(reports).toEqual([]);
  });

  test('keeps what others have in it', async () => {
    const others = { env: { TEMPORAL_ADDRESS: running, TEMPORAL_NAMESPACE: process.env['TEMPORAL_NAMESPACE']! } };
    const scheduleId = `theirs-${process.hrtime.bigint()}`;
    await withClient(others, async ({ client }) => {
      const theirs = await client.schedule.create({
        scheduleId,
        spec: { intervals: [{ every: '1 day' }] },
        action: { type: 'startWorkflow', workflowType: 'theirs', taskQueue: 'theirs' },
      });
      const server = await findOrStartServer({ env: { TEMPORAL_ADDRESS: running }, report });
      await server.close();
      expect(await theirs.describe()).toMatchObject({ scheduleId });
      await theirs.delete();
    });
  });

  test('is reached by the settings that were handed in, and hands all of them on to other processes', async () => {
    const ours = process.env['TEMPORAL_ADDRESS'];
    process.env['TEMPORAL_ADDRESS'] = '127.0.0.1:1'; // whatever this process has set
    try {
      const env = { TEMPORAL_ADDRESS: running, TEMPORAL_GRPC_META_TENANT: 'a', CONNECT_API_KEY: 'not for Temporal' };
      const server = await findOrStartServer({ env, report });
      expect(server.env).toEqual({
        TEMPORAL_ADDRESS: running,
        TEMPORAL_GRPC_META_TENANT: 'a',
        TEMPORAL_NAMESPACE: server.namespace,
      });
      await server.close();
    } finally {
      process.env['TEMPORAL_ADDRESS'] = ours;
    }
  });

  test('that does not take the namespace back is reported, with what to do, and fails nobody', async () => {
    const server = await findOrStartServer({ env: { TEMPORAL_ADDRESS: running }, report });
    const { namespace } = server;
    await withClient(server, ({ connection }) => connection.operatorService.deleteNamespace({ namespace }));
    await server.close();
    expect(reports).toEqual([
      expect.stringMatching(
        new RegExp(
          `^The namespace ${namespace} is left on ${running} \\(.+\\). To delete it: temporal operator namespace delete`,
        ),
      ),
    ]);
  });

  test('that does not answer is named', async () => {
    const TEMPORAL_ADDRESS = `127.0.0.1:${await freePort()}`;
    await expect(findOrStartServer({ env: { TEMPORAL_ADDRESS }, report })).rejects.toThrow(TEMPORAL_ADDRESS);
  });

  test('that gives us no namespace is named, with what to do', async () => {
    const [denied, UNIMPLEMENTED, PERMISSION_DENIED] = [createServer(), '12', '7'];
    denied.on('stream', (stream, headers) => {
      const status = headers[':path']?.includes('GetSystemInfo') ? UNIMPLEMENTED : PERMISSION_DENIED;
      const answer = { 'content-type': 'application/grpc', 'grpc-status': status, 'grpc-message': 'admins only' };
      stream.respond(answer, { endStream: true });
    });
    const TEMPORAL_ADDRESS = await listen(denied);
    await expect(findOrStartServer({ env: { TEMPORAL_ADDRESS }, report })).rejects.toThrow(
      `The Temporal server at ${TEMPORAL_ADDRESS}, which TEMPORAL_ADDRESS names, gives us no namespace of our own (admins only). Name one that does, or unset the variable: then a server is started here.`,
    );
    denied.close();
  });
});

async function listen(server: Http2Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
