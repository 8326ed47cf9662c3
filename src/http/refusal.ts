/** A call that is answered with an error. Its message is shown to the caller. */
export class Refusal extends Error {
  constructor(
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
    this.name = 'Refusal';
  }
}
