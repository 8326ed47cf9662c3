/** Temporal's own variables, or the file that they name, are no use. */
export class BadTemporalSettings extends Error {
  /** @param problems each names its variable */
  constructor(problems: readonly string[]) {
    super(`Temporal's own settings cannot be used: ${problems.join('; ')}. See docs/configuration.md.`);
    this.name = 'BadTemporalSettings';
  }
}
