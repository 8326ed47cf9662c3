/** An instant as all of our output has it, whatever form it came in: `2026-11-27T14:09:36.000Z`. What is no instant stays as it is. */
export function inUtc(instant: string): string {
  const at = Date.parse(instant);
  return Number.isNaN(at) ? instant : new Date(at).toISOString();
}
