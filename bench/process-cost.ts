import { existsSync, readFileSync } from 'node:fs';

/** What a process has used so far. */
export interface ProcessCost {
  cpuMs: number;
  /** The most memory that it ever held, in MB of 1,048,576 bytes. */
  peakMb: number;
}

const TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux that Node runs on

/** @returns undefined where there is no /proc: on other systems than Linux nothing is claimed */
export function costOf(pid: number): ProcessCost | undefined {
  if (!existsSync(`/proc/${pid}/stat`)) return undefined;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' '); // after the name, which may hold spaces
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  const peakKb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return { cpuMs: ((user + system) * 1000) / TICKS_PER_SECOND, peakMb: peakKb / 1024 };
}
