import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { DEFAULT_TASK_QUEUE, WORKFLOW_TYPE } from '../../src/domain/ids';
import { CONNECT_PHASE } from '../../src/domain/search-attributes';
import { SHORTEST_RETENTION } from '../../src/temporal/server';
import { MAIN, type Ran, run, runEach } from '../support/command-line';
import { waitFor } from '../support/wait-for';
import { useStack } from './use-stack';

const processor = useStack();
const { PATH, HOME } = process.env;
const BARE = { PATH, HOME };
const COMMANDS = ['worker', 'schedules', 'requests', 'doctor', 'sandbox', 'demo'];

const HELP = [...COMMANDS, 'schedules apply', 'requests list', 'requests show', 'requests reprocess'];

/** What is typed, what is wrong with it, and where it says to look. */
const WRONG_USAGE: [line: string, wrong: string, look: string][] = [
  ['frobnicate', "unknown command 'frobnicate'", 'connect-processor --help'],
  ['requests lst', "unknown command 'lst'\n(Did you mean list?)", 'connect-processor requests --help'],
  ['requests show', "missing required argument 'id'", 'connect-processor requests show --help'],
  ['demo --order 5', "unknown option '--order'\n(Did you mean --orders?)", 'connect-processor demo --help'],
  ...['many', '-1', '0', '1.5', '10001'].map((number): [string, string, string] => [
    `demo --orders ${number}`,
    `option '--orders <n>' argument '${number}' is invalid. Give a whole number, from 1 to 10000.`,
    'connect-processor demo --help',
  ]),
  [
    'demo --latency 600000',
    "option '--latency <ms>' argument '600000' is invalid. Give a whole number, from 0 to 2000.",
    'connect-processor demo --help',
  ],
  [
    'sandbox --latency 3000000000',
    "option '--latency <ms>' argument '3000000000' is invalid. Give a whole number, from 0 to 3600000.",
    'connect-processor sandbox --help',
  ],
  [
    'sandbox --port 99999999',
    "option '--port <n>' argument '99999999' is invalid. Give a port, 65535 at most.",
    'connect-processor sandbox --help',
  ],
];

const NO_SENSE = [
  ...['requests list --parked --retrying', 'requests show nonsense', 'requests reprocess'],
  ...['requests reprocess PR-1 --parked', 'requests reprocess PR-1 --retrying'],
  ...['usage show nonsense', 'usage reprocess nonsense', 'usage reprocess usage-1 UF-1'],
  'usage report --product PRD-1 --out folder',
  'sandbox --port 4321 --vendor-port 4321',
];

/** A vendor's file that is no use, what it holds, and how it is named. */
const NO_VENDOR: [name: string, text: string | undefined, wrong: RegExp][] = [
  ['empty.cjs', 'module.exports = {};', / exports no vendor: export it as/],
  ['null.cjs', 'exports.vendor = null;', / exports no vendor: export it as/],
  ['syntax.cjs', 'module.exports = {\n  a: 1\n  b: 2 };', / cannot be loaded: SyntaxError: .*'b' \(.*syntax\.cjs:3\)/],
  ['syntax.mjs', 'export const vendor = ;', / cannot be loaded: SyntaxError: .*';'/],
  ['throws.cjs', '\nnull.x;', / cannot be loaded: TypeError: .*null.* \(.*throws\.cjs:2:6\)/],
  ['text.cjs', 'throw "no luck";', / cannot be loaded: it throws no luck/],
  ['needs.cjs', 'require("not-installed");', / cannot be loaded: Error: Cannot find module 'not-installed'/],
  ['promise.cjs', 'exports.vendor = Promise.resolve({});', / exports a promise: export the vendor itself/],
  ['async.cjs', 'exports.vendor = async () => ({});', /: its function returns a promise/],
  ['unfit.cjs', 'exports.vendor = { purchas: 1 };', /: The vendor does not fit: "purchas" is not one of /],
  ['unset.cjs', 'exports.vendor = () => { throw new Error("REGION is not set"); };', /: REGION is not set$/m],
  ['none.cjs', undefined, / is not there: give the path of a module\./],
];

describe('help and usage', () => {
  const ran = new Map<string, Ran>();
  beforeAll(async () => {
    const lines = [...HELP.map((command) => `${command} --help`), ...WRONG_USAGE.map(([line]) => line), ...NO_SENSE];
    const all = await runEach(
      lines.map((line) => line.split(' ')),
      BARE,
    );
    lines.forEach((line, at) => ran.set(line, all[at]!));
  });

  test('--help names every command, the exit codes and where the configuration is described', async () => {
    const { code, stdout } = await run(['--help'], BARE);
    expect(code).toBe(0);
    for (const name of COMMANDS) expect(stdout).toContain(`\n  ${name} `);
    expect(stdout).toMatch(/Exit codes: 0 .* 1 .* 2 .* 3 /);
    expect(stdout).toContain('docs/configuration.md');
  });

  test.each(HELP)('%s --help', (command) => {
    const { code, stdout } = ran.get(`${command} --help`)!;
    expect([code, stdout]).toEqual([0, expect.stringContaining(`Usage: connect-processor ${command}`)]);
    expect(stdout).toMatch(/^Global Options:\n(.*\n)* +--config <file> (.*\n)* +--vendor <file> /m);
  });

  test('--version is the package’s', async () => {
    const { version } = JSON.parse(readFileSync(path.join(__dirname, '../../package.json'), 'utf8')) as {
      version: string;
    };
    expect((await run(['--version'], BARE)).stdout).toBe(`${version}\n`);
  });

  test.each(WRONG_USAGE)(
    'wrong usage ends with 2, and says no more than what is wrong and where to look: %s',
    (line, wrong, look) => {
      const { code, stderr } = ran.get(line)!;
      expect([code, stderr]).toEqual([2, `error: ${wrong}\nHow it is used: ${look}\n`]);
    },
  );

  test('where a dry run would write is refused without --dry-run, lest it send what was to be looked at', () => {
    expect(ran.get('usage report --product PRD-1 --out folder')!.stderr).toMatch(
      /^--out is where a dry run writes, and without --dry-run the report is sent/,
    );
  });

  test('a usage file in place of its run is told from it, and where the run is named', () => {
    expect(ran.get('usage reprocess usage-1 UF-1')!.stderr).toBe(
      '"UF-1" is a usage file in Connect: give its workflow, usage-…, which `connect-processor usage show UF-1` names.\n',
    );
  });

  test.each(NO_SENSE)('commands that make no sense end with 2: %s', (line) => {
    const { code, stderr } = ran.get(line)!;
    expect([code, stderr]).toEqual([2, expect.stringMatching(/Give |give /)]);
  });

  test('a configuration that is missing ends with 2 and names every variable', async () => {
    const { code, stderr } = await run(['worker'], BARE);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/CONNECT_API_KEY is not set.*\n.*CONNECT_PRODUCTS is not set/),
    ]);
  });

  test('no Temporal server: ends with 3 and names the variable', async () => {
    const { code, stderr } = await processor.runAlone(['worker'], { TEMPORAL_ADDRESS: '127.0.0.1:9' });
    expect([code, stderr]).toEqual([3, expect.stringContaining('TEMPORAL_ADDRESS')]);
  });

  test.each(['worker', 'schedules apply', 'schedules show', 'requests list', 'requests reprocess PR-1'])(
    'a namespace that the server does not have is named, with who creates it: %s',
    async (command) => {
      const run = command === 'worker' ? processor.runAlone : processor.run;
      const { code, stderr } = await run(command.split(' '), { TEMPORAL_NAMESPACE: 'no-such-namespace' });
      const { address } = processor.stack.server;
      expect([code, stderr]).toEqual([
        1,
        `The Temporal server at ${address} has no namespace "no-such-namespace". Correct TEMPORAL_NAMESPACE, or have an operator create it: temporal operator namespace create --namespace no-such-namespace\n`,
      ]);
    },
  );

  test('a port that is taken is named, with the setting that chooses another', async () => {
    const { port } = new URL(processor.stack.sandbox.vendorUrl);
    const taken = (setting: string) =>
      `Port ${port} is in use already. End what uses it, or choose another port with ${setting}.\n`;
    const results = [
      await processor.runAlone(['sandbox', '--port', port]),
      await processor.runAlone(['sandbox', '--port', '0', '--vendor-port', port]),
      await processor.runAlone(['worker'], { METRICS_PORT: port }),
      await processor.runAlone(['worker'], { HEALTH_PORT: port }),
    ];
    expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(
      ['--port', '--vendor-port', 'METRICS_PORT', 'HEALTH_PORT'].map((setting) => [1, taken(setting)]),
    );
  });

  test('a sandbox whose output nobody reads any more ends, as for `| head`', async () => {
    const sandbox = spawn(process.execPath, [MAIN, 'sandbox', '--port', '0', '--vendor-port', '0'], {
      env: BARE,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(sandbox, 'exit');
    sandbox.stdout.destroy();
    expect(await ended).toEqual([0, null]);
  });

  /** Runs a command of whose output nobody reads one part. @returns its exit code */
  async function codeUnread(unread: 'stdout' | 'stderr', args: string[], env: NodeJS.ProcessEnv): Promise<unknown> {
    const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = once(child, 'exit');
    child[unread].destroy();
    return (await ended)[0];
  }

  test.each([['nosuch'], ['requests show XX']])(
    'whose errors nobody reads ends with 2 all the same: %s',
    async (line) => {
      expect(await codeUnread('stderr', line.split(' '), BARE)).toBe(2);
    },
  );

  test('a change whose output nobody reads is made to its end, whatever its words', async () => {
    const ids = [1, 2, 3, 4, 5].map((n) => `PR-404-${n}`);
    const args = ['requests', 'reprocess', ...ids, '--by', 'demo'];
    expect(await codeUnread('stdout', args, { ...BARE, ...processor.stack.env })).toBe(1); // each is refused; 0 where it ends before
  });

  test('an address that is not of this machine is named', async () => {
    const { code, stderr } = await run(['sandbox', '--port', '0', '--host', '192.0.2.1'], BARE);
    expect([code, stderr]).toEqual([1, 'This machine has no address 192.0.2.1. Give --host one that it has.\n']);
    const listening = { LISTEN_HOST: '192.0.2.1', LISTEN_PORT: '1', WEBHOOK_SECRET: 'x'.repeat(16) };
    expect((await processor.runAlone(['listen'], listening)).stderr).toBe(
      'This machine has no address 192.0.2.1. Give LISTEN_HOST one that it has.\n',
    );
  });

  test.each([
    ['TEMPORAL_TLS_CLIENT_CERT_PATH', '/no/such', ['worker']],
    ['TEMPORAL_PROFILE', 'none', ['requests', 'list']],
  ])('%s that is no use is named, and ends with 2', async (name, value, args) => {
    const { code, stderr } = await processor.runAlone(args, { [name]: value });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^Temporal's own settings cannot be used: /)]);
    expect(stderr).toContain(name);
  });

  test.each([['requests list --left'], ['requests dry-run PR-1000-0000-0000-001']])(
    'another path than Connect’s is told by CONNECT_API_URL: %s',
    async (line) => {
      const { origin } = new URL(processor.stack.sandbox.connectUrl);
      const { code, stderr } = await processor.run(line.split(' '), { CONNECT_API_URL: `${origin}/no-such/v1` });
      expect([code, stderr]).toEqual([1, expect.stringMatching(/ answered 404\b.*\nCheck CONNECT_API_URL: .*\n$/)]);
    },
  );

  test('no Connect: ends with 3', async () => {
    const { code, stderr } = await processor.run(['requests', 'list', '--unhandled'], {
      CONNECT_API_URL: 'http://127.0.0.1:9',
    });
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(/ failed: ECONNREFUSED\nCheck CONNECT_API_URL and the network to it\.\n$/),
    ]);
  });

  test.each([
    [401, 'AUTH_001', /^Check CONNECT_API_KEY: Connect at 127\.0\.0\.1:\d+ does not know it\./],
    [403, 'AUTH_003', /^Give the token the right for this call in the Connect portal\.$/],
    [503, '', /try again later/],
  ])('Connect refuses with %d: ends with 1, and says who does what', async (status, error_code, todo) => {
    const fault = { api: 'connect', method: 'GET', path: '/usage/files', times: 1, status, error_code } as const;
    await processor.control.fault(fault);
    const { code, stderr } = await processor.run(['usage', 'list']);
    expect([code, stderr.split('\n')]).toEqual([
      1,
      [expect.stringContaining(` answered ${status}`), expect.stringMatching(todo), ''],
    ]);
  });

  describe('a vendor’s file that is no use ends with 2 and is named, with what is wrong, in one sentence', () => {
    let said: Ran[];
    const file = (name: string) => path.join(processor.stack.folder, name);
    beforeAll(async () => {
      for (const [name, text] of NO_VENDOR) if (text !== undefined) writeFileSync(file(name), text);
      said = await runEach(
        NO_VENDOR.map(([name]) => ['--vendor', file(name), 'doctor']),
        processor.stack.env,
      );
    });

    test.each(NO_VENDOR.map(([name, , wrong], at) => [name, wrong, at] as const))('%s', (name, wrong, at) => {
      const { code, stderr } = said[at]!;
      expect([code, stderr]).toEqual([2, expect.stringMatching(wrong)]);
      expect([stderr.startsWith(file(name)), stderr.trimEnd().split('\n').length]).toEqual([true, 1]);
    });

    test('one that holds something open keeps no command from its end, nor from its exit code', async () => {
      writeFileSync(file('open.cjs'), 'setInterval(() => {}, 1_000); exports.vendor = { cancel: async () => {} };');
      const { code, stdout } = await processor.runAlone(['--vendor', file('open.cjs'), 'doctor']);
      expect([code, stdout]).toEqual([1, expect.stringContaining('WRONG')]);
    });

    test('one that waits at its top, and holds something open, is not waited for without end', async () => {
      writeFileSync(file('waits.mjs'), 'setInterval(() => {}, 1_000); export default await new Promise(() => {});');
      const script = `
        const { vendorIn } = require(process.argv[1]);
        vendorIn(process.argv[2], 100).catch(({ message }) => (console.log(message), process.exit()));`;
      const module = path.join(path.dirname(MAIN), 'commands/vendor-file.js');
      const child = spawn(process.execPath, ['-e', script, module, file('waits.mjs')], {
        stdio: ['ignore', 'pipe', 'inherit'],
        timeout: 10_000,
      });
      expect(await text(child.stdout)).toBe(
        `${file('waits.mjs')} was not loaded within 0.1 s: look for an \`await\` at its top that waits for too long.\n`,
      );
    });

    test.each(['doctor', 'worker'])('one that never comes to an end is no success of `%s`', async (command) => {
      writeFileSync(file('endless.mjs'), 'export default await new Promise(() => {});');
      const { code, stderr } = await processor.runAlone(['--vendor', file('endless.mjs'), command]);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^Ended with the work undone: .*`await`.*\n$/)]);
    });
  });
});

describe('doctor', () => {
  test('finds nothing wrong with the sandbox, and says what it looked at', async () => {
    const { code, stdout } = await processor.run(['doctor']);
    expect(stdout).not.toContain('WRONG');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Temporal answers.*\n.*search attributes are registered\n.*schedule polls Connect/);
    expect(stdout).toMatch(/^ok +a worker polls task queue "connect-processor", last \d+@\S+, \d+ s ago$/m);
    expect(stdout).toMatch(
      /activation template "Default Activation Template", scope tier2, for tier-setup, tier-update/,
    );
    expect(stdout).toMatch(/inquire template "Additional information .*", scope asset, for purchase, change/);
    expect(stdout).toContain('parameter "subscription_id" of scope asset');
    expect(stdout).toContain("the vendor's API answers");
  });

  test('finds a deployment that shares a namespace with another, and a template that is missing', async () => {
    const { code, stdout } = await processor.run(['doctor', '--json'], {
      TASK_QUEUE: 'another',
      CONNECT_ACTIVATION_TEMPLATE: 'Springtime',
    });
    const findings = JSON.parse(stdout) as { ok: boolean; text: string; todo?: string }[];
    const wrong = findings.filter(({ ok }) => !ok);
    expect(code).toBe(1);
    expect(wrong[0]).toMatchObject({
      text: expect.stringContaining('not for "another"'),
      todo: expect.stringContaining('TEMPORAL_NAMESPACE'),
    });
    expect(wrong[1]?.text).toMatch(/^no schedule reports the usage of PRD-.* for task queue "another"$/);
    expect(wrong[2]).toMatchObject({
      text: expect.stringContaining(
        'no fulfillment template "Springtime" in scope asset. There: "Default Activation Template"',
      ),
    });
    expect(wrong.every(({ todo }) => todo)).toBe(true);
  });

  test('goes on where Connect refuses a part, and says what right is missing', async () => {
    const { plain } = processor.stack.sandbox.products;
    const path = `/products/${plain}/templates`;
    const { id } = await processor.control.fault({ api: 'connect', method: 'GET', path, status: 403 });
    const { code, stdout } = await processor.run(['doctor', '--json']);
    await processor.control.clearFault(id);
    const findings = JSON.parse(stdout) as { ok: boolean; text: string; todo?: string }[];
    expect([code, findings.filter(({ ok }) => !ok)]).toEqual([
      1,
      [{ ok: false, text: expect.stringContaining('403'), todo: expect.stringContaining('right to read') }],
    ]);
    expect(findings.at(-1)).toMatchObject({ ok: true, text: "the vendor's API answers" });
  });

  test('finds a vendor API that does not answer', async () => {
    const { stdout } = await processor.run(['doctor'], { VENDOR_API_URL: 'http://127.0.0.1:9' });
    expect(stdout).toMatch(/WRONG +the vendor's API: .*\n +Check VENDOR_API_URL/);
  });
});

describe('requests', () => {
  const refusal = (path: string) => ({
    api: 'connect' as const,
    method: 'POST',
    path,
    status: 400,
    error_code: 'VAL_001',
  });

  test('list, show and reprocess lead from what is stuck to its approval', async () => {
    const [one, two] = [
      await processor.purchaseMeeting([refusal('/requests/{id}/approve')]),
      await processor.purchaseMeeting([refusal('/requests/{id}/approve')]),
    ];
    for (const { id } of [one, two]) await processor.untilPhase(id, 'parked');
    const parked = async () => {
      const { stdout } = await processor.run(['requests', 'list', '--parked', '--json']);
      return JSON.parse(stdout) as { id: string }[];
    };
    const rows = await waitFor('both in the list', parked, ({ length }) => length > 1); // Temporal's list follows by some moments
    expect(rows.map(({ id }) => id).sort()).toEqual([one.id, two.id].sort());
    expect(rows[0]).toMatchObject({ type: 'purchase', phase: 'parked', reason: expect.stringContaining('VAL_001') });
    expect((await processor.run(['requests', 'list', '--retrying'])).stdout).toBe('none\n');

    const shown = await processor.run(['requests', 'show', one.id]);
    expect(shown.stdout).toMatch(/in Connect +pending/);
    expect(shown.stdout).toMatch(/phase +parked/);
    expect(shown.stdout).toMatch(/^reason +.*VAL_001/m);
    expect(shown.stdout).toMatch(/^failure type +ConnectRejected$/m);
    expect(shown.stdout).toMatch(/^next attempt +\S+Z$/m);
    expect(shown.stdout).toMatch(/to do +An operator reads what Connect refused, mends it/);
    expect(shown.stdout).toMatch(/^\S+Z {2}run that is open$/m);

    await processor.control.clearFaults();
    const reprocessed = await processor.run(['requests', 'reprocess', '--parked', '--by', 'anna', '--json']);
    expect(JSON.parse(reprocessed.stdout)).toEqual(
      expect.arrayContaining([one, two].map(({ id }) => expect.objectContaining({ id, accepted: true }))),
    );
    for (const { id } of [one, two]) expect(await processor.control.untilSettled(id)).toBe('approved');
    await processor.runOf(one.id).result();
    expect((await processor.run(['requests', 'show', one.id])).stdout).toMatch(/run .*: approved/);
  });

  test('reprocess of a request that is well, or unknown, is refused with a reason and ends with 1', async () => {
    const order = await processor.control.placePurchase();
    await processor.control.untilSettled(order.id);
    await processor.runOf(order.id).result();
    const { code, stdout } = await processor.run(['requests', 'reprocess', order.id, 'PR-0000-0000-0000-000']);
    expect(code).toBe(1);
    expect(stdout).toMatch(new RegExp(`${order.id}  refused  No run is open`));
    expect(stdout).toMatch(/PR-0000-0000-0000-000 {2}refused {2}No run is open/);
  });

  test('reprocess of all that are parked leaves what has gone on since it was listed, and ends with 0', async () => {
    const id = 'PR-1000-2000-3000-001';
    await processor.control.fault({ api: 'connect', method: 'GET', path: `/requests/${id}`, times: 1, hang: true });
    const run = await processor.stack.client.workflow.start(WORKFLOW_TYPE.fulfillment, {
      workflowId: id,
      taskQueue: DEFAULT_TASK_QUEUE,
      args: [{ id }],
      typedSearchAttributes: [{ key: CONNECT_PHASE, value: 'parked' }], // as Temporal's list may have it for a moment still
    });
    const parked = async () => (await processor.run(['requests', 'list', '--parked'])).stdout;
    await waitFor('the list', parked, (stdout) => stdout.includes(id));
    const { code, stdout } = await processor.run(['requests', 'reprocess', '--parked']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(`^${id}  gone on  ${id} is at "[^"]+" and neither`)]);
    const named = await processor.run(['requests', 'reprocess', id, '--json']);
    expect(named.code).toBe(1);
    expect(JSON.parse(named.stdout)).toMatchObject([{ id, accepted: false, nothingToDo: true }]);
    await run.terminate();
    await processor.control.clearFaults();
  });

  test('reprocess that no worker answers is told as asked, not as refused, and ends with 1', async () => {
    const ids = [1, 2].map((n) => `PR-1000-2000-3000-01${n}`);
    for (const workflowId of ids) {
      const run = { workflowId, taskQueue: 'nobody-works-here', args: [{ id: workflowId }] };
      await processor.stack.client.workflow.start(WORKFLOW_TYPE.fulfillment, run);
    }
    const args = ['requests', 'reprocess', ...ids];
    const [told, json] = await Promise.all([processor.runAlone(args), processor.runAlone([...args, '--json'])]);
    const lines = ids.map((id) =>
      expect.stringMatching(`^${id}  asked  Not answered yet: .* Temporal keeps the request`),
    );
    expect([told.code, told.stdout.trimEnd().split('\n')]).toEqual([1, lines]);
    expect([json.code, JSON.parse(json.stdout)]).toMatchObject([1, ids.map((id) => ({ id, accepted: false, pending: true }))]); // prettier-ignore
    for (const id of ids) await processor.stack.client.workflow.getHandle(id).terminate();
  });

  test('show of a request that neither side knows ends with 1 and says where to look', async () => {
    const { code, stdout, stderr } = await processor.run(['requests', 'show', 'PR-0000-0000-0000-000']);
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      'Neither Connect nor Temporal knows PR-0000-0000-0000-000. Check the id; then whose account CONNECT_API_KEY is of, and TEMPORAL_NAMESPACE.\n',
    ]);
  });

  test('what is no id is refused', async () => {
    const { code, stderr } = await processor.run(['requests', 'show', 'AS-1']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('"AS-1" is no id of a request')]);
  });
});

describe('schedules', () => {
  test('pause, show, apply, resume: an operator’s pause outlives apply', async () => {
    expect((await processor.run(['schedules', 'pause', '--note', 'maintenance'])).code).toBe(0);
    expect((await processor.run(['schedules', 'apply'], { POLL_INTERVAL: '1s' })).stdout).toContain(
      'schedule poll updated',
    );
    const shown = await processor.run(['schedules', 'show', '--json']);
    expect(JSON.parse(shown.stdout)).toMatchObject({ state: 'paused: maintenance', everySeconds: 1, next: '' });
    const doctor = await processor.run(['doctor']);
    expect(doctor.stdout).toMatch(/WRONG +the schedule is paused: maintenance/);
    expect(doctor.stdout).not.toContain('a schedule polls Connect');

    const order = await processor.control.placePurchase();
    expect((await processor.run(['schedules', 'trigger'])).code).toBe(0);
    expect(await processor.control.untilSettled(order.id)).toBe('approved');
    expect((await processor.run(['schedules', 'resume'])).code).toBe(0);
    const last = JSON.parse((await processor.run(['schedules', 'show', '--json'])).stdout) as object;
    expect(last).toMatchObject({ state: 'running', lastRound: expect.anything() });
  });

  test('pause says whether a round has begun, which starts all that is pending all the same', async () => {
    const { control } = processor;
    const slow = await control.fault({ api: 'connect', method: 'GET', path: '/requests', times: 1, slowMs: 2000 });
    await waitFor('a round', async () => (await control.getFault(slow.id)).hits > 0);
    const order = await control.placePurchase();
    expect((await processor.run(['schedules', 'show'])).stdout).toMatch(/^last round +running since 20\d\d-\S+Z$/m);
    const pause = () => processor.run(['schedules', 'pause']);
    expect((await pause()).stdout).toMatch(
      /^a round has begun, .* starts every request .*\npaused: it starts nothing more /,
    );
    const idle = await waitFor('its end', pause, ({ stdout }) => !stdout.includes('begun'));
    expect(idle.stdout).toBe('paused: it starts nothing until `connect-processor schedules resume`\n');
    expect(await control.untilSettled(order.id, { timeoutMs: 5000 })).toBe('approved');
    await processor.run(['schedules', 'resume']);
  });

  test('pause with a note that is empty pauses too', async () => {
    expect((await processor.run(['schedules', 'pause', '--note', ''])).code).toBe(0);
    const { stdout } = await processor.run(['schedules', 'show']);
    expect(stdout).toMatch(/^state +paused: paused by connect-processor schedules pause$/m);
    await processor.run(['schedules', 'resume']);
  });

  test('apply leaves a schedule that another deployment lives by alone, unless it is told to take it over', async () => {
    const apply = (taskQueue: string, ...options: string[]) =>
      processor.run(['schedules', 'apply', ...options], { TASK_QUEUE: taskQueue, POLL_INTERVAL: '1s' });
    const { code, stderr } = await apply('theirs');
    expect([code, stderr]).toEqual([1, expect.stringContaining('schedules apply --take-over')]);

    await processor.run(['schedules', 'pause']); // or a round would start where nobody works
    for (const queue of ['theirs', 'connect-processor'])
      expect((await apply(queue, '--take-over')).stdout).toContain('schedule poll updated');
    await processor.run(['schedules', 'resume']);
  });

  test('show tells of a calendar that somebody has set in place of the interval, and apply takes it back', async () => {
    const schedule = processor.stack.client.schedule.getHandle('poll');
    await schedule.update((before) => ({ ...before, spec: { calendars: [{ hour: 3 }] } }));
    const { stdout } = await processor.run(['schedules', 'show']);
    expect(stdout).toMatch(/^a round +by a calendar .*`connect-processor schedules apply`/m);
    const json = await processor.run(['schedules', 'show', '--json']);
    expect(JSON.parse(json.stdout)).not.toHaveProperty('everySeconds');

    await processor.run(['schedules', 'apply'], { POLL_INTERVAL: '1s' });
    expect((await processor.run(['schedules', 'show'])).stdout).toMatch(/^a round +every 1 s$/m);
  });

  test('show tells the last round in words', async () => {
    const shown = () => processor.run(['schedules', 'show']);
    const { stdout } = await waitFor('a round that has ended', shown, ({ stdout }) =>
      /last round +listed/.test(stdout),
    );
    expect(stdout).toMatch(/^state +running\na round +every 1 s\nnext +\S+Z\nrounds +\d+\n/);
    expect(stdout).toMatch(
      /^last round +listed (everything that is pending|what has changed); \d+ started, \d+ running, \d+ behind, \d+ unhandled, \d+ troubled, \d+ rechecked$/m,
    );
    expect(stdout).not.toMatch(/[{}"[\]]/);
  });
});

describe('worker', () => {
  test('each line of its log is JSON, those about a request carry its id; metrics count requests, calls and rounds', async () => {
    const { worker } = processor;
    const order = await processor.control.placePurchase();
    expect(await processor.control.untilSettled(order.id)).toBe('approved');
    await processor.runOf(order.id).result();

    const metrics = async () => await (await fetch(`http://127.0.0.1:${worker.metricsPort}/metrics`)).text();
    const counted = /^connect_requests_ended(_total)?\{[^}]*outcome="approved"[^}]*type="purchase"[^}]*\} [1-9]/m;
    expect(await waitFor('the metrics', metrics, (text) => counted.test(text))).toMatch(
      /^connect_calls(_total)?\{[^}]*status="200"/m,
    );
    expect(await metrics()).toMatch(/^connect_round_duration_seconds_count/m);

    const lines = () =>
      readFileSync(worker.logFile, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object);
    const about = { requestId: order.id, type: 'purchase', outcome: 'approved' };
    await waitFor('the line about the order', lines, (all) =>
      all.some((line) => isDeepStrictEqual({ ...line, ...about }, line)),
    );
  });

  test('warns where no schedule polls', async () => {
    const { stack } = processor;
    await stack.client.schedule.getHandle('poll').delete();
    const worker = await stack.startWorker();
    expect(readFileSync(worker.logFile, 'utf8')).toContain('run `connect-processor schedules apply` once');
    for (const command of ['show', 'pause', 'trigger']) {
      const { code, stderr } = await processor.run(['schedules', command]);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^There is no schedule yet\. Create it:/)]);
    }
    expect((await processor.run(['schedules', 'apply'], { POLL_INTERVAL: '1s' })).stdout).toContain(
      'schedule poll created',
    );
    await worker.stop();
  });

  test('refuses a namespace without search attributes, as other commands do, and says how to register them', async () => {
    const { connection } = processor.stack.client;
    const namespace = `bare-${process.hrtime.bigint()}`;
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: SHORTEST_RETENTION,
    });
    const { code, stderr } = await waitFor(
      'the namespace to be known',
      () => processor.runAlone(['worker'], { TEMPORAL_NAMESPACE: namespace }),
      ({ stderr }) => !stderr.includes('has no namespace'),
    );
    const { usage } = processor.stack.sandbox.products;
    const others = [
      await processor.run(['requests', 'list', '--parked'], { TEMPORAL_NAMESPACE: namespace }),
      await processor.run(['usage', 'report', '--product', usage], { TEMPORAL_NAMESPACE: namespace }),
    ];
    const TEXT = 1; // temporal.api.enums.v1.IndexedValueType
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: { ConnectSliZone: TEXT } });
    const ofAnotherType = await processor.runAlone(['worker'], { TEMPORAL_NAMESPACE: namespace });
    expect([ofAnotherType.code, ofAnotherType.stderr]).toEqual([
      1,
      expect.stringMatching(/ConnectSliZone is registered with another type than Int.*\. An operator removes it /),
    ]);
    await connection.operatorService.deleteNamespace({ namespace });
    const lacking = `Namespace "${namespace}" lacks search attributes. Run \`connect-processor schedules apply\`, which registers them.\n`;
    expect(others.map((ran) => [ran.code, ran.stderr])).toEqual([
      [1, lacking],
      [1, lacking],
    ]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/lacks search attributes: .*schedules apply/)]);
  });

  test('on SIGTERM it finishes what it does, and ends with a word', async () => {
    const { control } = processor;
    const worker = await processor.stack.startWorker();
    await processor.worker.stop(); // so that this one has the work to itself
    const order = await processor.purchaseMeeting([
      { api: 'connect', method: 'POST', path: '/requests/{id}/approve', slowMs: 1500 },
    ]);
    await waitFor('the approval', async () => (await control.getFault(order.faults[0]!.id)).hits > 0);
    await worker.stop('SIGTERM');
    expect(await control.untilSettled(order.id, { timeoutMs: 1000 })).toBe('approved');
    expect(readFileSync(worker.logFile, 'utf8')).toContain('worker has stopped');
  });
});
