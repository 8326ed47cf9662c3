import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import type { CommandContext } from './command';

/**
 * How large half of a heap's young generation may get: 16 MB, which Node 20 and 22 have by themselves. Node 24 takes up to 64 and Node 26 up to
 * 32, in both heaps of a worker, its own and that of its workflows, and is no faster for it (`npm run bench`). A heap that is there already
 * keeps its size, so Node is given this as an option too, wherever we start it: in the image, and in `worker-process.ts`.
 */
export const YOUNG_GENERATION = '--max-semi-space-size=16';

/** By how many percent a heap may outgrow what is alive in it before it is collected; by itself V8 lets a small heap grow to several times that. */
const HEAP_GROWTH = '--heap-growing-percent=30';

export function workerCommand(command: Command, context: CommandContext): Command {
  return command.action(async () => {
    for (const flag of [YOUNG_GENERATION, HEAP_GROWTH]) setFlagsFromString(flag);
    const config = context.config();
    const vendors = await context.vendors(config);
    const { runWorker } = await import('./run-worker.js'); // after the flags: the heap's first limit is set while this loads
    await runWorker(config, vendors);
  });
}
