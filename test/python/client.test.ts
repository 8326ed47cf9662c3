import { execFile, execFileSync } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { useSandbox } from '../sandbox/start';
import { findPythonClient } from './environment';

/**
 * The sandbox as CloudBlue's own client for Python sees it. The checks are in `checks/*.py`, a sentence each; Python
 * runs them one after the other, and each is a test here.
 */
const SCRIPT = path.join(__dirname, 'client.py');
const LONGEST_MS = 120_000;
const ENVIRONMENT = { ...process.env, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1', PYTHONDONTWRITEBYTECODE: '1' };

const client = findPythonClient();

if ('absent' in client) {
  const title = `CloudBlue's client for Python sees what Connect is documented to do (not run: ${client.absent})`;
  process.stderr.write(`Skipped: ${title}\n`);
  test.skip(title, () => undefined);
} else {
  const { python } = client;

  describe("CloudBlue's client for Python sees:", () => {
    const box = useSandbox();
    const problems = new Map<string, string | null>();

    beforeAll(async () => {
      const { sandbox } = box;
      const address = {
        connect: sandbox.connectUrl,
        control: sandbox.controlUrl,
        vendor_key: sandbox.vendorKey,
        distributor_key: sandbox.distributorKey,
        products: sandbox.products,
      };
      const options = { env: ENVIRONMENT, timeout: LONGEST_MS };
      const { stdout } = await promisify(execFile)(python, [SCRIPT, JSON.stringify(address)], options);
      for (const { check, problem } of lines<{ check: string; problem: string | null }>(stdout)) {
        problems.set(check, problem);
      }
    }, LONGEST_MS);

    const sentences = lines<string>(execFileSync(python, [SCRIPT, '--list'], { env: ENVIRONMENT, encoding: 'utf8' }));
    test.each(sentences)('%s', (sentence) => {
      // A check that has not come to its end is no success either.
      expect(problems.has(sentence) ? problems.get(sentence) : 'not run').toBeNull();
    });
  });
}

function lines<T>(text: string): T[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}
