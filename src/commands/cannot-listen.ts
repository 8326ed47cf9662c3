/**
 * Says of a port that is taken who has to do what.
 *
 * @param setting by which it is chosen: an option, or a variable
 * @returns any other error as it is
 */
export function portInUse(setting: string, port: number | undefined, error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  if (!/EADDRINUSE|address already in use/i.test(message)) return error;
  return new Error(`Port ${port} is in use already. End what uses it, or choose another port with ${setting}.`, {
    cause: error,
  });
}
