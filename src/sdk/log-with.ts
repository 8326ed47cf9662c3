import type { Logger } from './request-context';

/** A log whose lines all have these fields. */
export function logWith(log: Logger, more: Record<string, unknown>): Logger {
  const at = (level: keyof Logger) => (message: string, fields?: Record<string, unknown>) =>
    log[level](message, { ...fields, ...more });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
