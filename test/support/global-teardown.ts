/** Ends the server of the run, or gives its namespace back. */
export default async function globalTeardown(): Promise<void> {
  await globalThis.testServer?.close();
}
