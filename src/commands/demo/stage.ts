import { setTimeout as pause } from 'node:timers/promises';
import type { Story } from '../../../sandbox/story';
import { POLL_SCHEDULE_ID } from '../../domain/ids';
import type { Play } from './play';
import type { Screen } from './screen';
import type { Stack } from '../stack';
import type { WorkerProcess } from '../worker-process';

/** How stories are played, whatever they are about. */
export interface Stage {
  /** That all is to end early: who waits throws then. */
  readonly signal: AbortSignal;
  /** How many workers have ended, and were replaced. */
  readonly lost: number;
  /** Replaces a worker that has ended. */
  keepWorker(): Promise<void>;
  /** Returns false where it comes to a standstill. */
  play(stories: readonly Story[]): Promise<boolean>;
}

/** Where nothing has changed for so long, something is wrong. */
const STANDSTILL_MS = 60_000;

/** Of so many open runs the step is asked, more than the stories have; of all of very many orders it would be costly. */
const STEPS_OF = 50;

/**
 * @param options.worker the first one
 * @param options.settings of those that follow it
 */
export function createStage(
  { client, server, startWorker }: Stack,
  play: Play,
  options: { worker: WorkerProcess; settings: Record<string, string>; screen: Screen; signal: AbortSignal },
): Stage {
  const { settings, screen, signal } = options;
  let { worker } = options;
  let lost = 0;

  const serverEnds = server.ended.then((words): never => {
    throw new Error(`The Temporal server has ended${words && `: ${words}`}.`);
  });
  serverEnds.catch(() => undefined); // heard by whoever waits for Temporal

  /** A worker that ends, say by a kill, is replaced, as an orchestrator would: what it had under way goes on in the next one. */
  const keepWorker = async () => {
    if (!worker.hasEnded()) return;
    worker = await startWorker(settings);
    lost += 1;
    signal.throwIfAborted();
    const { pid, logFile } = worker;
    screen.say(`The worker process has ended; another goes on with its work: process ${pid}, log ${logFile}`);
    await client.schedule.getHandle(POLL_SCHEDULE_ID).trigger('BUFFER_ONE'); // nobody has heard what Connect told meanwhile
  };

  return {
    signal,
    get lost() {
      return lost;
    },
    keepWorker,
    async play(stories) {
      await play.place(stories);
      let last = '';
      let changedAt = Date.now();
      for (;;) {
        const begun = Date.now();
        await keepWorker();
        const happened = await Promise.race([play.advance(STEPS_OF), serverEnds]); // without it each call has 30 s
        signal.throwIfAborted();
        happened.forEach((line) => screen.say(line));
        screen.show(play.rows);
        if (play.isOver) return true;

        const now = JSON.stringify(play.rows.map(({ id, status, phase, step }) => [id, status, phase, step]));
        if (now !== last) changedAt = Date.now();
        if (Date.now() - changedAt > STANDSTILL_MS) {
          screen.say(`\nNothing has changed for ${STANDSTILL_MS / 1000} s.`);
          for (const act of play.ahead) screen.say(`  still to come: ${act}`);
          return false;
        }
        last = now;
        const lookMs = Date.now() - begun; // many orders are costly to look at, and the look costs them time
        await pause(Math.min(3_000, Math.max(200, 3 * lookMs)), undefined, { signal });
      }
    },
  };
}
