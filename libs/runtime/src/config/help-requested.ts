/** Not a failure: `--help` or `--version` was given. `text` goes to standard output, the exit code is 0. */
export class HelpRequested extends Error {
  override readonly name = 'HelpRequested';
  readonly text: string;

  constructor(text: string) {
    super('help requested');
    this.text = text;
  }
}
