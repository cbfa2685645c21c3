/** A failure whose one-line message is all that the user needs: what is missing and how to get it. */
export class LabError extends Error {
  override readonly name = 'LabError';
}

/** Something that others wait for will not come: `waitUntil` does not go on after it. */
export class HopelessError extends LabError {}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
