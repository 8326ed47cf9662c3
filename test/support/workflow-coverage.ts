import { WorkflowCoverage } from '@temporalio/nyc-test-coverage';
import type { BundleOptions, InjectedSinks } from '@temporalio/worker';
import type { Sinks } from '@temporalio/workflow';

/** What Istanbul keeps of one file: what is where in it, and how often each was reached. */
type FileCoverage = WorkflowCoverage['coverageMapsData'][number][string];
type Counts = [id: string, count: number][];
/** What a workflow has reached of a file: statements, functions, and the ways of branches. */
type Reached = [path: string, s: Counts, f: Counts, b: [id: string, ways: number[]][]];

/** What `workflow-coverage-interceptor.cjs` calls. */
interface CoverageSinks extends Sinks {
  coverage: { files(files: FileCoverage[]): void; reached(reached: Reached[]): void };
}

const instrumented = new WorkflowCoverage();
const files = new Map<string, FileCoverage>();

const sinks: InjectedSinks<CoverageSinks> = {
  coverage: {
    files: {
      fn: (_info, seen) => seen.forEach((file) => files.has(file.path) || files.set(file.path, file)),
      callDuringReplay: true, // what is reached after it is added to it
    },
    reached: { fn: (_info, reached) => reached.forEach(add) },
  },
};

function add([path, s, f, b]: Reached): void {
  const file = files.get(path)!;
  for (const [id, count] of s) file.s[id]! += count;
  for (const [id, count] of f) file.f[id]! += count;
  for (const [id, ways] of b) ways.forEach((count, way) => (file.b[id]![way]! += count));
}

/** Whether Jest counts, as it does with `--coverage`. */
const isCounting = () => '__coverage__' in globalThis;

/** A bundle whose workflows count what is reached of them; none does unless the run measures coverage. */
export function countedBundle(options: BundleOptions): BundleOptions {
  if (!isCounting()) return options;
  return {
    ...options,
    workflowInterceptorModules: [require.resolve('./workflow-coverage-interceptor.cjs')],
    webpackConfigHook: (config) => instrumented.addInstrumenterRule(config),
  };
}

/** A worker, or a replay, that takes these counts; those of a replay nobody hands in. */
export const countedWorker = <Options extends object>(options: Options) =>
  isCounting() ? { ...options, sinks } : options;

/** Adds to Jest's counts what the workflows of a test file were seen to reach. */
export function handInCoverage(): void {
  if (!isCounting()) return;
  instrumented.coverageMapsData.push(Object.fromEntries(files));
  instrumented.mergeIntoGlobalCoverage();
  const counts = globalThis as { __coverage__?: unknown };
  counts.__coverage__ = JSON.parse(JSON.stringify(counts.__coverage__)); // without their classes, which do not reach the process that sums up
  for (const { s, f, b } of files.values()) {
    for (const id in s) s[id] = 0; // another worker of the file may go on
    for (const id in f) f[id] = 0;
    for (const ways of Object.values(b)) ways.fill(0);
  }
}
