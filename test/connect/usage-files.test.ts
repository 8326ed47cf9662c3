import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createConnectClient } from '../../src/connect/client';
import type { HttpOptions } from '../../src/connect/http';
import { gate } from '../support/gate';
import { serve, stopServers } from './server';

const KEY = 'ApiKey SU-000-000-009:0123456789abcdef';
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await stopServers();
  await Promise.all(open.splice(0).map((one) => one.close()));
});

interface Sent {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** A Connect that answers as it is told, and a client of it. */
async function connectThat(
  answer: (response: ServerResponse, sent: Sent) => unknown,
  options: Partial<HttpOptions> = {},
) {
  const sent: Sent[] = [];
  const { url } = await serve((request, response) => {
    const { method, url: path, headers } = request;
    void buffer(request).then((body) => {
      sent.push({ method, url: path, headers, body });
      return answer(response, sent.at(-1)!);
    });
  });
  const connect = createConnectClient({ url, apiKey: KEY, ...options });
  open.push(connect);
  return { ...connect, sent };
}

const json = (response: ServerResponse, body: unknown, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** A form as another reader than ours takes it apart. */
async function partsOf({ headers, body }: Sent) {
  const form = await new Response(Uint8Array.from(body), {
    headers: { 'content-type': headers['content-type'] ?? '' },
  }).formData();
  return [...form];
}

const WORKBOOK = Uint8Array.from([0x50, 0x4b, 0x03, 0x04, 0x00, 0x0d, 0x0a, 0x2d, 0x2d, 0xff]);

describe('an upload', () => {
  test('is a form whose one part is the workbook', async () => {
    const { usageFiles, sent } = await connectThat((response) => json(response, {}));
    await usageFiles.upload('UF-2026-10-0001', WORKBOOK, 'usage-PRD-1-CRD-1-2026-10.xlsx');
    expect(sent).toMatchObject([{ method: 'POST', url: '/usage/files/UF-2026-10-0001/upload' }]);
    const { headers, body } = sent[0]!;
    expect(headers).toMatchObject({ authorization: KEY, accept: 'application/json' });
    expect(headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(headers['content-length']).toBe(`${body.length}`);

    const [[name, file] = ['', ''], ...others] = await partsOf(sent[0]!);
    if (typeof file === 'string') throw new Error('the part is no file');
    expect([name, file.name, file.type]).toEqual([
      ...['usage_file', 'usage-PRD-1-CRD-1-2026-10.xlsx'],
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    ]);
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(WORKBOOK);
    expect(others).toEqual([]);
  });

  test('of many megabytes arrives whole', async () => {
    const { usageFiles, sent } = await connectThat((response) => json(response, {}));
    const large = new Uint8Array(randomBytes(8 * 1024 * 1024));
    await usageFiles.upload('UF-1', large, 'large.xlsx');
    const [[, file] = ['', '']] = await partsOf(sent[0]!);
    if (typeof file === 'string') throw new Error('the part is no file');
    expect(Buffer.from(await file.arrayBuffer()).equals(large)).toBe(true);
  });

  test('does not end its part by a name that is none', async () => {
    const { usageFiles, sent } = await connectThat((response) => json(response, {}));
    await usageFiles.upload('UF-1', WORKBOOK, 'a"; name="other\r\n\r\nb.xlsx');
    const parts = await partsOf(sent[0]!);
    expect(parts.map(([name]) => name)).toEqual(['usage_file']);
  });

  test.each<[number, (response: ServerResponse) => unknown]>([
    [200, (response) => json(response, { id: 'UF-1', status: 'uploading' })],
    [201, (response) => json(response, { id: 'UF-1' }, 201)],
    [202, (response) => json(response, null, 202)],
    [200, (response) => response.writeHead(200).end()],
    [204, (response) => response.writeHead(204).end()],
  ])('is done where Connect answers %i', async (_, answer) => {
    const { usageFiles } = await connectThat(answer);
    await expect(usageFiles.upload('UF-1', WORKBOOK, 'a.xlsx')).resolves.toBeUndefined();
  });

  test("that Connect refuses fails with Connect's own sentence", async () => {
    const refusal = { error_code: 'VAL_001', errors: ['usage_file: not a workbook'] };
    const { usageFiles } = await connectThat((response) => json(response, refusal, 400));
    await expect(usageFiles.upload('UF-1', WORKBOOK, 'a.xlsx')).rejects.toMatchObject({
      code: 'CONNECT_API',
      status: 400,
      errorCode: 'VAL_001',
      message: 'POST /usage/files/UF-1/upload answered 400 VAL_001 usage_file: not a workbook',
    });
  });

  test('may take longer than other calls', async () => {
    const slow = gate();
    const slowly = async (response: ServerResponse) => {
      await slow.pass();
      json(response, { id: 'UF-1' });
    };
    const { usageFiles } = await connectThat(slowly, { timeoutMs: 50 });
    const uploaded = usageFiles.upload('UF-1', WORKBOOK, 'a.xlsx');
    await slow.reached;
    await expect(usageFiles.get('UF-1')).rejects.toMatchObject({ code: 'CONNECT_TIMEOUT' }); // begun later, and over
    slow.open();
    await expect(uploaded).resolves.toBeUndefined();
  });

  test('is given up in its own time, and says in which', async () => {
    const { usageFiles } = await connectThat(() => undefined);
    await expect(usageFiles.upload('UF-1', WORKBOOK, 'a.xlsx', { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'CONNECT_TIMEOUT',
      message: 'POST /usage/files/UF-1/upload was not answered within 0.05 s',
    });
  });

  test('ends with whoever makes it', async () => {
    const controller = new AbortController();
    const reason = new Error('the worker stops');
    const { usageFiles } = await connectThat(() => controller.abort(reason));
    await expect(usageFiles.upload('UF-1', WORKBOOK, 'a.xlsx', { signal: controller.signal })).rejects.toBe(reason);
  });
});

describe('files by their external id', () => {
  const file = (id: string, status: string, external_id: string | null) => ({
    id,
    name: 'October',
    status,
    external_id,
  });

  test('are asked for by product and id, and those that were deleted are left out', async () => {
    const { usageFiles, sent } = await connectThat((response) =>
      json(response, [
        file('UF-1', 'deleted', 'usage-1'),
        file('UF-2', 'draft', 'usage-1'),
        file('UF-3', 'closed', 'usage-1'),
      ]),
    );
    const found = await usageFiles.withExternalId('PRD-1', 'usage-1');
    expect(found.map(({ id, status }) => [id, status])).toEqual([
      ['UF-2', 'draft'],
      ['UF-3', 'closed'],
    ]);
    expect(sent.map(({ url }) => url)).toEqual([
      '/usage/files?and(eq(product.id,PRD-1),eq(external_id,usage-1))&limit=1000&offset=0',
    ]);
  });

  test('are none that have another one, although Connect may ignore a filter', async () => {
    const { usageFiles } = await connectThat((response) =>
      json(response, [
        file('UF-1', 'ready', 'usage-10'),
        file('UF-2', 'ready', null),
        file('UF-3', 'ready', 'USAGE-1'),
      ]),
    );
    expect(await usageFiles.withExternalId('PRD-1', 'usage-1')).toEqual([]);
  });

  test.each([
    ['October, 2026', '"October, 2026"'],
    ['(a)&limit=1', '"(a)&limit=1"'],
    ['ü/€?#', '"ü/€?#"'],
    [`6" tall`, `'6" tall'`],
    ['', 'empty()'],
  ])('the id "%s" is quoted, so that it is one value', async (externalId, written) => {
    const { usageFiles, sent } = await connectThat((response) => json(response, []));
    await usageFiles.withExternalId('PRD-1', externalId);
    const [filter = '', ...others] = (sent[0]?.url?.split('?')[1] ?? '').split('&');
    expect(decodeURIComponent(filter)).toBe(`and(eq(product.id,PRD-1),eq(external_id,${written}))`);
    expect(others).toEqual(['limit=1000', 'offset=0']);
  });
});

test('files of products are asked for together', async () => {
  const { usageFiles, sent } = await connectThat((response) => json(response, []));
  expect(await usageFiles.ofProducts(['PRD-1', 'PRD-2'])).toEqual([]);
  expect(sent[0]?.url).toBe('/usage/files?in(product.id,(PRD-1,PRD-2))&limit=1000&offset=0');
});

test('a file that cannot be read in a list spoils it, since it may be the one that is looked for', async () => {
  const { usageFiles } = await connectThat((response) => json(response, [{ id: 'UF-1' }, { id: 7 }]));
  await expect(usageFiles.ofProducts(['PRD-1'])).rejects.toMatchObject({ code: 'CONNECT_ANSWER', kind: 'schema' });
});

test('a file is created as a draft, of whose answer the id alone is read', async () => {
  const { usageFiles, sent } = await connectThat((response) =>
    json(response, { id: 'UF-1', status: 'draft', period: 'October', product: 7 }, 201),
  );
  const file = {
    name: 'October',
    description: 'All of it',
    external_id: 'usage-1',
    currency: 'EUR',
    period: { from: '2026-10-01', to: '2026-10-31' },
    product: { id: 'PRD-1' },
    contract: { id: 'CRD-1' },
  };
  expect(await usageFiles.create(file)).toEqual({ id: 'UF-1' });
  expect(sent).toMatchObject([{ method: 'POST', url: '/usage/files' }]);
  expect(JSON.parse(sent[0]!.body.toString())).toEqual(file);
});

test.each<[string, object]>([
  ['what is there', { status: 'invalid', error_detail: 'Row 2', records: { valid: 1, invalid: 2 }, currency: 'EUR' }],
  ['nulls', { status: 'draft', error_detail: null, records: null, product: null, contract: null, period: null }],
  ['empty parts', { status: 'draft', records: {}, product: {}, contract: '', period: {} }],
  ['a status that is new', { status: 'frozen' }],
])('a file is read with %s', async (_, content) => {
  const { usageFiles } = await connectThat((response) => json(response, { id: 'UF-1', ...content }));
  const { status, error_detail, records } = await usageFiles.get('UF-1');
  const given = content as { status: string; error_detail?: string; records?: { valid?: number } };
  expect([status, error_detail, records]).toEqual([
    given.status,
    given.error_detail ?? '',
    given.records?.valid ? given.records : undefined,
  ]);
});

test('a file is submitted and deleted without a word beside its id', async () => {
  const { usageFiles, sent } = await connectThat((response) => json(response, { id: 'UF-1' }));
  await usageFiles.submit('UF-1');
  await usageFiles.delete('UF-1/../UF-2');
  expect(sent.map(({ method, url, body }) => [method, url, body.length])).toEqual([
    ['POST', '/usage/files/UF-1/submit', 0],
    ['POST', '/usage/files/UF-1%2F..%2FUF-2/delete', 0],
  ]);
});

describe('the records of a file', () => {
  const record = (n: number, change: object = {}) => ({
    id: `UR-${n}`,
    status: 'valid',
    item: { id: 'PRD-1-0001', mpn: 'CALLS' },
    usage: 12.5,
    amount: null,
    ...change,
  });
  const read = async (pages: unknown[][]) => {
    const total = pages.flat().length;
    const { usageRecords, sent } = await connectThat((response, { url }) => {
      const offset = Number(/offset=(\d+)/.exec(url ?? '')?.[1]);
      const page = pages.flat().slice(offset, offset + (pages[0]?.length ?? 0));
      response.setHeader('content-range', `items ${offset}-${offset + page.length - 1}/${total}`);
      json(response, page);
    });
    const found = [];
    for await (const one of usageRecords.ofFile('UF-1')) found.push(one);
    return { found, urls: sent.map(({ url }) => url) };
  };

  test('are read page by page, with their numbers as texts', async () => {
    const { found, urls } = await read([[record(1), record(2, { amount: '7.10' })], [record(3, { usage: '1E-8' })]]);
    expect(found.map(({ id, item, usage, amount }) => [id, item?.mpn, usage, amount])).toEqual([
      ['UR-1', 'CALLS', '12.5', ''],
      ['UR-2', 'CALLS', '12.5', '7.10'],
      ['UR-3', 'CALLS', '1E-8', ''],
    ]);
    expect(urls).toEqual([0, 2].map((offset) => `/usage/records?eq(usagefile.id,UF-1)&limit=1000&offset=${offset}`));
  });

  test('of which one cannot be read are none, since their totals would be wrong', async () => {
    await expect(read([[record(1), record(2, { id: null })]])).rejects.toMatchObject({
      code: 'CONNECT_ANSWER',
      kind: 'schema',
      message: expect.stringContaining('id'),
    });
  });
});
