/** Where a process was to listen, by the settings, options or variables, that choose it. */
interface Place {
  port: readonly [setting: string, port: number | undefined];
  /** Left out where it is every address of the machine. */
  host?: readonly [setting: string, host: string];
}

/**
 * Says of a port that is taken, or of an address that this machine does not have, who has to do what.
 *
 * @returns any other error as it is
 */
export function cannotListen(error: unknown, { port: [portSetting, port], host }: Place): unknown {
  const message = error instanceof Error ? error.message : String(error);
  const instead = (said: string) => new Error(said, { cause: error });
  if (/EADDRINUSE|address already in use/i.test(message))
    return instead(`Port ${port} is in use already. End what uses it, or choose another port with ${portSetting}.`);
  if (/EACCES|permission denied/i.test(message))
    return instead(`Port ${port} is not for this user. Choose another, 1024 or higher, with ${portSetting}.`);
  if (host && /EADDRNOTAVAIL|ENOTFOUND/.test(message))
    return instead(`This machine has no address ${host[1]}. Give ${host[0]} one that it has.`);
  return error;
}
