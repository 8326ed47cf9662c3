import { ConnectAnswerError, ConnectApiError, ConnectNetworkError, ConnectTimeoutError } from '../connect/errors';

/**
 * Who does what about a call to Connect that failed.
 *
 * @param connectUrl as it is configured
 * @param right what the token has to be allowed, where Connect says that it is not
 * @returns undefined where it depends on what was called: Connect's own words are all there is
 */
export function connectTodo(error: unknown, connectUrl: string, right = 'for this call'): string | undefined {
  if (
    error instanceof ConnectNetworkError ||
    error instanceof ConnectTimeoutError ||
    error instanceof ConnectAnswerError
  )
    return 'Check CONNECT_API_URL and the network to it.';
  if (!(error instanceof ConnectApiError)) return undefined;
  if (error.status === 404 && !error.fromConnect)
    return 'Check CONNECT_API_URL: what answers there is not Connect, or the path of the URL is another.';
  if (error.status === 401)
    return `Check CONNECT_API_KEY: Connect at ${new URL(connectUrl).host} does not know it. Check CONNECT_API_URL too: a key works for the one Connect in which it was created.`;
  if (error.status === 403) return `Give the token the right ${right} in the Connect portal.`;
  if (error.status === 429 || error.status >= 500)
    return 'Connect, or a proxy before it, is in trouble or busy: try again later. If it lasts, check CONNECT_API_URL, and ask CloudBlue.';
  return undefined;
}
