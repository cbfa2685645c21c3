/** What is wrong, or odd, about one field; the shape in which webhooks tell it. */
export interface Finding {
  /** Path as users write it, in the stored version: `spec.k0sConfigSpec.files[1].path`. */
  readonly field: string;
  /** What is wrong and what to write instead. */
  readonly message: string;
  /** Is told and lets the object pass. */
  readonly warning?: boolean;
}

/** Findings that are only told: of templates, which others complete, and of what this release cannot judge. */
export const asWarnings = (findings: readonly Finding[]): Finding[] =>
  findings.map((finding) => ({ ...finding, warning: true }));
