import { createHash } from 'node:crypto';

/** Names that this service alone writes; those that others read are in `@k0smotron/api`. */
export const fieldManager = 'k0smotron-infrastructure';

/** Marks SSH Secrets that a RemoteMachine uses, so that the informer sees only these (SR-18). */
export const sshKeyLabel = 'infrastructure.k0smotron.io/ssh-key';

/** The part of a finalizer after the slash has at most this many characters. */
const longestName = 63;

/**
 * Holds an SSH Secret until the clean-up of one machine ended (SR-1). Made of the machine's name, since a move changes its uid
 * and would leave the finalizer with nobody to take it off.
 */
export function sshKeyFinalizer(machineName: string): string {
  const hash = createHash('sha256').update(machineName).digest('hex').slice(0, 10);
  const name = machineName.length <= longestName ? machineName : `${machineName.slice(0, longestName - 11)}-${hash}`;
  return `remotemachine.k0smotron.io/${name}`;
}

/** Holds a clean-up plan until the host is clean: deletion in the foreground, or of a namespace, would take it away first. */
export const cleanUpFinalizer = 'remotemachine.k0smotron.io/clean-up';

/** On RemoteMachine, while it is deleted: how its clean-up ended, `Clean` or `Dirty: <why>`. */
export const cleanUpOutcomeAnnotation = 'k0smotron.io/clean-up-outcome';

/** Name of the Secret that keeps what a machine's clean-up needs (SR-1). */
export const cleanUpSecretName = (machineName: string): string => `${machineName}-clean-up`;
