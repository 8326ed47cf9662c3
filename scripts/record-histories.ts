import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { findCli } from '../src/temporal/find-cli';
import { findOrStartServer } from '../src/temporal/server';
import { bundleWorkflows, startStubbedWorker, type StubbedWorker } from '../test/support/stubbed-worker';
import { REQUEST_STORIES, type Story } from './request-stories';
import { USAGE_STORIES } from './usage-stories';

/*
 * Records the runs that test/workflows/replay.test.ts replays: `node --import tsx scripts/record-histories.ts [name …]`. Without a name it adds
 * those that are missing, and so it never replaces a history in order to turn a test green. A change of the workflows gets a story of its own.
 */

const FOLDER = path.join(__dirname, '..', 'test', 'histories');

/** By the name of the file that keeps the history. */
export const STORIES: Record<string, Story> = { ...REQUEST_STORIES, ...USAGE_STORIES };

async function main(names: string[]): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  const cli = await findCli(process.env, report);
  const server = await findOrStartServer({ env: process.env, report, fastTimers: true });
  const show: Show = (id, runId) =>
    execFileSync(cli.file, ['workflow', 'show', '--output', 'json', '--workflow-id', id, '--run-id', runId], {
      env: { ...process.env, ...server.env },
    }).toString();
  const worker = await startStubbedWorker({
    address: server.address,
    namespace: server.namespace,
    workflowBundle: await bundleWorkflows(require.resolve('../workflows')),
    identity: 'recorder', // nothing of this machine
    taskQueue: 'connect-processor',
    dispatchPending: async () => ({ held: [], sweep: true, started: 1, running: 0 }),
  });
  try {
    mkdirSync(FOLDER, { recursive: true });
    const missing = Object.keys(STORIES).filter((name) => !existsSync(fileOf(name)));
    for (const name of names.length > 0 ? names : missing) await record(name, worker, show);
  } finally {
    await worker.close();
    await server.close();
  }
}

const fileOf = (name: string) => path.join(FOLDER, `${name}.json`);

/** The history of a run as `temporal workflow show` writes it, which is what a replay reads. */
type Show = (id: string, runId: string) => string;

async function record(name: string, worker: StubbedWorker, show: Show): Promise<void> {
  const story = STORIES[name];
  if (!story) throw new Error(`There is no story "${name}". There are: ${Object.keys(STORIES).join(', ')}.`);
  const number = String(Object.keys(STORIES).indexOf(name)).padStart(4, '0');
  const run = await story(worker, `PR-1000-0000-${number}`);
  await run.result().catch(() => undefined); // cancelled
  const [first = ''] = await run.chain();
  const history = JSON.parse(show(run.id, first)) as object;
  writeFileSync(fileOf(name), `${JSON.stringify(history, withoutStacks, 2)}\n`);
  process.stdout.write(`${fileOf(name)}\n`);
}

/** Stacks name folders of this machine, and a replay does not look at them. */
function withoutStacks(key: string, value: unknown): unknown {
  return key === 'stackTrace' ? undefined : value;
}

if (require.main === module) void main(process.argv.slice(2));
