import { createHash } from 'node:crypto';

/** What the names of a control plane's machines are made of. */
export interface MachineNaming {
  /** The control plane's name. */
  readonly controlPlane: string;
  readonly uid: string;
}

/** A name for the next machine, and the number that it was made from. */
export interface NextMachine {
  readonly name: string;
  readonly ordinal: number;
}

const suffixLength = 5;
/** Machine names become host names and label values. */
const maxLength = 63;
/** No vowels and no look-alikes, so that no suffix reads as a word. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** `<control plane>-<suffix>`: the suffix is a hash of the control plane's uid and a number. */
export function machineName({ controlPlane, uid }: MachineNaming, ordinal: number): string {
  const hash = createHash('sha256').update(`${uid}/${ordinal}`).digest();
  const suffix = [...hash.subarray(0, suffixLength)].map((byte) => alphabet.charAt(byte % alphabet.length)).join('');
  const prefix = controlPlane.slice(0, maxLength - suffixLength - 1).replace(/[-.]+$/, '');
  return `${prefix}-${suffix}`;
}

/**
 * The name of the next machine to create.
 *
 * `counter` is kept in an annotation of the control plane: the number of the next machine. It is raised (by compare-and-swap
 * on resourceVersion) only after Machine, infrastructure object and bootstrap config exist. So whoever repeats an interrupted
 * or unseen creation comes to the same name and meets `AlreadyExists` instead of making a second machine, a crash leaves no
 * orphans under other names, and no name is used twice. `taken` must come from a live list, not from a cache.
 */
export function nextMachine(naming: MachineNaming, counter: number, taken: readonly string[]): NextMachine {
  const used = new Set(taken);
  for (let ordinal = counter; ; ordinal += 1) {
    const name = machineName(naming, ordinal);
    if (!used.has(name)) return { name, ordinal };
  }
}
