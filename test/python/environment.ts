import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '../../src/temporal/find-cli';

/** A Python that has CloudBlue's client, or why there is none. */
export type PythonClient = { python: string } | { absent: string };

const REQUIREMENTS = path.join(__dirname, 'requirements.txt');
/** What the client needs. */
const OLDEST = [3, 10];
const INSTALL_MS = 180_000;

/**
 * Find Python, and a virtual environment with what `requirements.txt` names: in the user's cache, or made there now,
 * which takes some 20 seconds. Nothing is installed anywhere else.
 */
export function findPythonClient(): PythonClient {
  const reasons: string[] = [];
  for (const python of ['python3', 'python']) {
    const version = versionOf(python);
    if (typeof version === 'string') {
      reasons.push(`${python}: ${version}`);
      continue;
    }
    const folder = path.join(cacheFolder(process.env), `python-client-${version.join('.')}-${requirementsKey()}`);
    const problem = existsSync(pythonIn(folder)) ? undefined : make(python, folder);
    return problem === undefined ? { python: pythonIn(folder) } : { absent: problem };
  }
  return { absent: `no Python ${OLDEST.join('.')} or newer (${reasons.join('; ')})` };
}

/** @returns major and minor number, or why it cannot be used */
function versionOf(python: string): number[] | string {
  const { status, stdout, error } = spawnSync(python, ['-c', 'import sys; print(*sys.version_info[:2])'], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  if (error !== undefined || status !== 0) return 'is not there';
  const [major = 0, minor = 0] = stdout.trim().split(' ').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = OLDEST;
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
    ? [major, minor]
    : `is ${major}.${minor}`;
}

/** It is made aside and appears whole or not at all, since two runs may make it at once. @returns why it could not be */
function make(python: string, folder: string): string | undefined {
  mkdirSync(path.dirname(folder), { recursive: true });
  const aside = mkdtempSync(`${folder}-`);
  try {
    const problem =
      run(python, ['-m', 'venv', aside], 'a virtual environment cannot be made') ??
      run(
        pythonIn(aside),
        [...'-m pip install --quiet --no-input --retries 1 --timeout 15 -r'.split(' '), REQUIREMENTS],
        'the packages cannot be had',
      );
    if (problem === undefined && !existsSync(folder)) renameSync(aside, folder);
    return problem;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function run(command: string, args: string[], problem: string): string | undefined {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: INSTALL_MS });
  if (status === 0) return undefined;
  const said = error?.message ?? `${stdout}\n${stderr}`.trim().split('\n').at(-1);
  return `${problem}: ${said}`;
}

function pythonIn(folder: string): string {
  return process.platform === 'win32' ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python');
}

/** Another list of packages is another environment. */
function requirementsKey(): string {
  return createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
}
