/**
 * What was looked at. Where it is wrong, `todo` says who must do what, and the command fails. Where all is well and there is a `todo` all the
 * same, it is a note: something that could not be looked at, or that somebody may want otherwise.
 */
export type Finding = { ok: true; text: string; todo?: string } | { ok: false; text: string; todo: string };

export const good = (text: string): Finding => ({ ok: true, text });
export const note = (text: string, todo: string): Finding => ({ ok: true, text, todo });
export const wrong = (text: string, todo: string): Finding => ({ ok: false, text, todo });

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
