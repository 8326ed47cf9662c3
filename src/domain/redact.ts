/** What stands in place of a value that is known to be a secret, where values are shown one by one. */
export const HIDDEN = '[hidden]';

const SHORTEST = 4; // a shorter text would be found in places that have nothing to do with it

/**
 * Makes a function that takes secrets out of a text, however it got in: an error of a library, a body that was echoed.
 *
 * @param secrets as configured; of an API key with a scheme (`ApiKey SU-…:…`) the credential alone is looked for too, and its last part
 */
export function createRedactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const parts = secrets.flatMap((secret) => {
    if (!secret) return [];
    const credential = secret.replace(/^\w+ +/, '');
    return [secret, credential, credential.split(':').at(-1) ?? ''];
  });
  return redactorOf(parts.filter((part) => part.length >= SHORTEST));
}

/** The same for texts that are secrets as they are, however short. */
export function redactorOf(secrets: readonly string[]): (text: string) => string {
  const wanted = [...new Set(secrets.flatMap(spellings))].filter(Boolean).sort((a, b) => b.length - a.length);
  return (text) => wanted.reduce((rest, part) => rest.replaceAll(part, '[redacted]'), text);
}

/** As it is, and as JSON has it: with and without letters beyond ASCII. */
function spellings(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const ascii = json.replace(/[^ -~]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return [secret, json, ascii];
}
