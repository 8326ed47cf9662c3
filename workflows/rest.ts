import { ApplicationFailure, condition, defineSignal, defineUpdate, log, setHandler } from '@temporalio/workflow';
import { NOTHING_TO_REPROCESS, type Progress, RECHECK, REPROCESS, type Reprocess } from '../src/domain/messages';

const reprocessSignal = defineSignal<[Reprocess?]>(REPROCESS);
const recheckSignal = defineSignal(RECHECK);
const reprocessUpdate = defineUpdate<string, [Reprocess?]>(REPROCESS);

/**
 * How a run sleeps until the time has come, or somebody sends `reprocess`. Sets the handlers of both its forms, signal and update. They are
 * accepted while the run sleeps or a step is failing: then there is something to hasten.
 *
 * @param progress where the run stands, now and later
 * @param recheck what `recheck` asks for; it ends the rest by throwing
 */
export function createRest(id: string, progress: Readonly<Progress>, recheck: () => Promise<void>) {
  let resting = false;
  let kicked = false;
  let doubted = false;

  const accepts = () => resting || progress.phase !== 'running';
  const kick = (request?: Reprocess) => {
    kicked = true;
    log.info(`reprocess at "${progress.step}"`, { by: request?.by });
  };

  setHandler(
    reprocessSignal,
    (request?: Reprocess) => {
      if (accepts()) kick(request);
    },
    { description: 'Try now: a failing step, a parked request, or a vendor that asked to wait' },
  );
  setHandler(
    reprocessUpdate,
    (request?: Reprocess) => {
      kick(request);
      return `${progress.phase === 'parked' ? 'starts afresh after' : 'tries now'}: ${progress.step}`;
    },
    {
      description: 'Try now, and hear whether it was accepted',
      validator: (_request?: Reprocess) => {
        if (accepts()) return;
        throw ApplicationFailure.create({
          type: NOTHING_TO_REPROCESS,
          message: `${id} is at "${progress.step}" and neither failing, parked nor waiting: there is nothing to reprocess.`,
          nonRetryable: true,
        });
      },
    },
  );

  setHandler(recheckSignal, () => void (doubted = true), {
    description: 'Look in Connect whether the request is pending still',
  });

  return {
    /**
     * Sleeps, in sight. Not at all, where `reprocess` came during a failing attempt.
     *
     * @param ms undefined: until `reprocess` comes
     * @param summary of the timer
     * @param isOver asked whenever `ms` have passed: where it is not, it sleeps as long once more
     * @returns whether it was cut short
     */
    async rest(ms: number | undefined, summary: string, isOver?: () => Promise<boolean>): Promise<boolean> {
      resting = true;
      const endOfNext = () => (ms === undefined ? undefined : Date.now() + ms);
      let end = endOfNext();
      doubted = false;
      for (;;) {
        const woken = () => kicked || doubted;
        if (end === undefined) await condition(woken);
        else await condition(woken, Math.max(end - Date.now(), 0), { summary });
        if (kicked) break;
        if (doubted) {
          doubted = false; // before the look: a doubt that comes during it may be about something later, and is looked into next
          await recheck();
        } else if (!isOver || (await isOver())) break;
        else end = endOfNext();
      }
      const wasKicked = kicked;
      resting = kicked = false;
      return wasKicked;
    },

    /** Ends the rest that lasts now, if one does. */
    cutShort(): void {
      kicked ||= resting;
    },

    /** What was asked for is done: it must not cut a later rest short. */
    forgetReprocess(): void {
      kicked = false;
    },
  };
}
