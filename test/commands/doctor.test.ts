import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Command } from 'commander';
import { EXIT } from '../../src/commands/command';
import { doctorCommand } from '../../src/commands/doctor';
import { loadConfig } from '../../src/config';
import { approve, type Vendor } from '../../src/sdk';
import { applySchedules } from '../../src/temporal/schedules';
import { useSandbox } from '../sandbox/start';
import { waitFor } from '../support/wait-for';
import { useOwnNamespace } from '../temporal/namespace';

const box = useSandbox();
const own = useOwnNamespace();
const before = process.env;
const change = async () => approve();
let output = '';

beforeAll(async () => {
  process.env = { ...before, ...own.server.env };
  await applySchedules(own.client, { taskQueue: 'connect-processor', pollIntervalMs: 3_600_000 });
});
beforeEach(() => {
  output = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => ((output += String(chunk)), true));
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => {
  process.env = before;
});

/** Runs the command for the plain product. @returns its exit code */
const doctor = (vendor: Vendor, ...words: string[]) => doctorOf([box.sandbox.products.plain], vendor, ...words);

async function doctorOf(products: string[], vendor: Vendor, ...words: string[]): Promise<number> {
  const env = {
    CONNECT_API_URL: box.sandbox.connectUrl,
    CONNECT_API_KEY: box.sandbox.vendorKey,
    CONNECT_PRODUCTS: products.join(','),
    VENDOR_API_KEY: 'quite-a-secret',
  };
  let code: number = EXIT.ok;
  const context = {
    config: () => loadConfig(env),
    vendors: async () => new Map(products.map((id) => [id, vendor])),
  };
  await doctorCommand(new Command(), context, (to) => (code = to)).parseAsync(['node', 'doctor', ...words]);
  return code;
}

test('a note is told apart from what is wrong, and the command ends well', async () => {
  expect(await doctor({ change })).toBe(EXIT.ok);
  expect(output).not.toContain('WRONG');
  expect(output).toMatch(
    /^ok {5}the vendor has the handlers change\nnote {3}the vendor has no `writes`.*\n {7}The vendor's /m,
  );
});

test('what is wrong ends with a code that says so, and shows no key', async () => {
  const check = async () => Promise.reject(new Error('GET /tenant?key=quite-a-secret answered 401'));
  expect(await doctor({ change, writes: {}, check })).toBe(EXIT.failed);
  expect(output).toMatch(
    /^WRONG {2}the vendor's API: GET \/tenant\?key=\[redacted\] answered 401\n {7}Check VENDOR_API_URL/m,
  );
  expect(output).toMatch(/\n\n1 of \d+ findings: WRONG, see above\n$/);
});

test('as JSON a note is ok and has something to do', async () => {
  expect(await doctor({ change, writes: {} }, '--json')).toBe(EXIT.ok);
  const findings: unknown[] = JSON.parse(output);
  expect(findings.at(-2)).toEqual({ ok: true, text: 'the vendor has the handlers change' });
  expect(findings.at(-1)).toEqual({ ok: true, text: expect.stringContaining('`check`'), todo: expect.any(String) });
});

describe('a vendor with the hook `usage`', () => {
  const vendor: Vendor = { change, usage: async function* () {} };
  const settings = { taskQueue: 'connect-processor', pollIntervalMs: 3_600_000 };
  const id = () => box.sandbox.products.usage;
  const schedule = () => own.client.schedule.getHandle(`usage-${id()}`);
  const apply = (day: number, taskQueue = 'connect-processor') =>
    applySchedules(own.client, {
      ...settings,
      taskQueue,
      takeOver: true,
      usageTimes: [{ productId: id(), day, time: '05:17', timeZone: 'UTC' }],
    });
  /** What is wrong, or noted, line by line; and whether the command says that all is well. */
  async function lookAt(...products: string[]) {
    output = '';
    const code = await doctorOf(products, vendor);
    return { code, said: output.split('\n').filter((line) => /usage|pay-as-you-go/.test(line)) };
  }

  test('is told of a schedule that is missing, paused, over, or not as configured', async () => {
    const none = `WRONG  no schedule reports the usage of ${id()} for task queue "connect-processor"`;
    expect(await lookAt(id())).toMatchObject({
      code: EXIT.failed,
      said: expect.arrayContaining([none]),
    });
    await apply(5);
    const { code, said } = await lookAt(id());
    expect([code, said.filter((line) => line.startsWith('ok'))]).toEqual([
      EXIT.ok,
      [
        `ok     the usage of ${id()} is reported monthly on day 5 at 05:17 UTC`,
        `ok     ${id()} has pay-as-you-go, schema QT`,
        'ok     the vendor has the handlers change, and the hook usage',
      ],
    ]);
    await apply(6);
    expect((await lookAt(id())).said[0]).toBe(
      `WRONG  the schedule usage-${id()} reports monthly on day 6 at 05:17 UTC, and is configured to monthly on day 5 at 05:17 UTC`,
    );
    await apply(5, 'theirs');
    expect((await lookAt(id())).said).toContain(none);
    await apply(5);
    await schedule().update((now) => ({ ...now, spec: { ...now.spec, endAt: new Date('2020-01-01') } }));
    const over = `WRONG  the schedule usage-${id()} has ended`;
    await waitFor(
      'the end',
      () => lookAt(id()),
      ({ said: [first] }) => first === over,
    );
    await apply(5);
    await schedule().pause('metering is down');
    expect((await lookAt(id())).said.slice(0, 2)).toEqual([
      `WRONG  the schedule usage-${id()} is paused: metering is down`,
      expect.stringContaining(`schedules resume usage-${id()}`),
    ]);
    await schedule().delete();
  });

  test('is told of a schedule that is there although nothing is to be reported', async () => {
    await apply(5);
    const said = async () => {
      output = '';
      const code = await doctorOf([id()], { change });
      return { code, wrong: output.split('\n').filter((line) => line.startsWith('WRONG')) };
    };
    // Temporal's list of schedules follows by some moments
    const { code, wrong } = await waitFor('the finding', said, (now) => now.wrong.length > 0);
    expect([code, wrong]).toEqual([
      EXIT.failed,
      [expect.stringContaining(`the schedule usage-${id()} is there, and no usage of that product is to be`)],
    ]);
    await apply(5, 'theirs'); // of another deployment
    await waitFor('the end of the finding', said, (now) => !now.wrong.join().includes('usage'));
    await apply(5);
    await schedule().delete();
  });

  test('is told of a product whose usage Connect does not take: a note where it has no pay-as-you-go', async () => {
    const saysOf = async (capabilities: object) => {
      const json = { id: id(), name: 'Metered', capabilities };
      await box.control.fault({ api: 'connect', method: 'GET', path: `/products/${id()}`, times: 1, json });
      return (await lookAt(id())).said;
    };
    expect(await saysOf({ ppu: null })).toContain(
      `note   ${id()} has no pay-as-you-go in Connect: its capability is switched off. A report of its usage parks.`,
    );
    expect(await saysOf({ ppu: { schema: 'XX' } })).toContain(
      `WRONG  The pay-as-you-go schema of ${id()} is "XX"; known are QT, TR, CR and PR. A report of its usage parks.`,
    );
  });
});
