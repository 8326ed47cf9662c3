/** A refusal that knows its own answer: how each of the two APIs words its errors. */
export abstract class ApiError extends Error {
  abstract readonly status: number;

  /** The body that goes over the wire. */
  abstract body(): Record<string, unknown>;
}
