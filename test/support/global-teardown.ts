import { rm } from 'node:fs/promises';

/** Ends the server of the run, or gives its namespace back; removes the folder. */
export default async function globalTeardown(): Promise<void> {
  await globalThis.testServer?.close();
  await rm(process.env['TEST_RUN_FOLDER']!, { recursive: true });
}
