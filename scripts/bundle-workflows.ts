import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** Writes `dist/workflow-bundle.js`, so that a worker starts without webpack. */
async function bundle(): Promise<void> {
  const root = path.join(__dirname, '..');
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(root, 'workflows/index.ts'),
    logger: new DefaultLogger('ERROR'), // at INFO it prints webpack's whole report
  });
  mkdirSync(path.join(root, 'dist'), { recursive: true });
  writeFileSync(path.join(root, 'dist/workflow-bundle.js'), code);
}

void bundle();
