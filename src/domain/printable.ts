/**
 * A text of somebody else's, with its control characters in sight, as JSON would write them: `\u001b`. To a terminal they are commands, and a
 * PostgreSQL behind Temporal refuses the NUL, and so the search attribute that it is in. Tabs and the ends of lines stay.
 */
export function printable(text: string): string {
  return text.replace(CONTROL, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const CONTROL = /(?![\t\n]|\r\n)\p{Cc}/gu;
