import { setTimeout } from 'node:timers/promises';
import type { Progress } from '../../domain/messages';
import { type UsageRun } from '../../temporal/usage-runs';

/** Of 10 s each. */
const SILENT_LOOKS = { beforeAnAnswer: 1, afterOne: 3 }; // then the worker may be starting anew

/**
 * Follows runs of usage reporting, one after another.
 *
 * @param say told each step, and what it fails by, as soon as that changes
 * @param pauseMs between two looks; default a second
 */
export function createFollower(say: (line: string) => void, pauseMs = 1000) {
  let patience = SILENT_LOOKS.beforeAnAnswer;

  /**
   * Looks until a run has ended, cannot go on, or has come far enough.
   *
   * @param isFarEnough of a run that goes on well; default never
   * @throws Error where no worker answers for it, or Temporal has it no longer
   */
  return async function follow(
    look: () => Promise<UsageRun | undefined>,
    isFarEnough: (at: Progress) => boolean = () => false,
  ): Promise<UsageRun> {
    let silentLooks = 0;
    for (let said = ''; ; await setTimeout(pauseMs)) {
      const run = await look();
      if (!run) throw new Error('The run is gone from Temporal.');
      const { id, progress, isSilent } = run;
      if (!progress || progress.phase !== 'running') return run;
      if (isSilent) silentLooks += 1;
      else {
        silentLooks = 0;
        patience = SILENT_LOOKS.afterOne;
        if (isFarEnough(progress)) return run;
      }
      if (silentLooks === patience) {
        const seconds = 10 * silentLooks;
        throw new Error(
          `${id}: no worker answered within ${seconds} s; is one running? The report goes on when one is.`,
        );
      }
      const line = [id, progress.step, troubleOf(progress)].filter(Boolean).join('  ');
      if (line !== said) say(line);
      said = line;
    }
  };
}

/** True where a run does not go on without a person, or keeps failing. */
export function isStuck({ status, progress }: UsageRun): boolean {
  return status !== 'completed' && progress?.phase !== 'running';
}

/**
 * True where a file is not, or does not become, what was reported: its run is stuck, or Connect has something else, or has it no longer.
 *
 * @param rows how many records were reported
 */
export function isAmiss(run: UsageRun, rows: number): boolean {
  const isGone = rows > 0 && run.result?.outcome === 'deleted';
  return isStuck(run) || run.findings.includes('differs') || isGone;
}

/** `UsageRefused: …`; empty while all is well. */
export function troubleOf({ failureType, reason }: Progress): string {
  return [failureType, reason].filter(Boolean).join(': ');
}
