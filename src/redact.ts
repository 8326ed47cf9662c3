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
    return [secret, credential, credential.split(':').at(-1) ?? '', JSON.stringify(credential).slice(1, -1)];
  });
  const wanted = [...new Set(parts)].filter((part) => part.length >= SHORTEST).sort((a, b) => b.length - a.length);
  return (text) => wanted.reduce((rest, part) => rest.replaceAll(part, '[redacted]'), text);
}
