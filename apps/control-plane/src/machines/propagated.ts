/** Fields by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** What of the template reaches an object in place (CP-24), by where it stands there. A part left out is not touched. */
export interface Propagated {
  readonly labels?: Fields;
  readonly annotations?: Fields;
  /** Of a Machine only: `spec.deletion`. */
  readonly deletion?: Fields;
  /** Of a Machine only: other fields of `spec`. */
  readonly spec?: Fields;
  /** Of a Machine only: `spec.taints`, apart from the rest since core may refuse it. */
  readonly taints?: Fields;
}
