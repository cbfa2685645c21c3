/**
 * Who leads, for effects on hosts (SR-7). Of one lease, more transitions are later. Of two leases (the object was deleted, or
 * the cluster moved), the one acquired later wins; equal means refused. The host keeps the highest it has seen.
 */
export interface HostEpoch {
  readonly leaseUid: string;
  /** `spec.leaseTransitions` of the lease. */
  readonly transitions: number;
  /** When the lease was acquired (`spec.acquireTime`), in milliseconds since 1970. */
  readonly acquiredAtMs: number;
}

/** Reads `<leaseUid>/<transitions>`, as `Run.epoch` writes it. */
export function parseEpoch(text: string, acquiredAtMs: number): HostEpoch {
  const found = /^([A-Za-z0-9-]+)\/(\d+)$/.exec(text);
  if (!found) throw new Error(`'${text}' is not an epoch of the form <leaseUid>/<transitions>`);
  return { leaseUid: found[1] ?? '', transitions: Number(found[2]), acquiredAtMs };
}

/** Three words for a command line. @throws when the epoch is malformed, since the host compares it as numbers. */
export function epochArguments({ leaseUid, transitions, acquiredAtMs }: HostEpoch): string {
  const valid =
    /^[A-Za-z0-9-]+$/.test(leaseUid) && [transitions, acquiredAtMs].every((it) => Number.isSafeInteger(it) && it >= 0);
  if (!valid) throw new Error(`malformed epoch ${leaseUid}/${transitions}@${acquiredAtMs}`);
  return `${leaseUid} ${transitions} ${acquiredAtMs}`;
}
