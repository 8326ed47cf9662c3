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

/** As it is, and as JSON has it, JSON in a text of JSON too: with and without letters beyond ASCII, with and without an escaped slash. */
function spellings(secret: string): string[] {
  const once = inJson(secret);
  return [secret, ...once, ...once.flatMap(inJson)];
}

function inJson(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = (inHex: (code: string) => string) =>
    json.replace(/[^ -~]/g, (letter) => `\\u${inHex(letter.charCodeAt(0).toString(16).padStart(4, '0'))}`);
  const all = [json, ascii((code) => code), ascii((code) => code.toUpperCase())];
  return [...all, ...all.map((one) => one.replaceAll('/', '\\/'))];
}
