/** Names that this service alone writes; those that others read are in `@k0smotron/api`. */
export const fieldManager = 'k0smotron-infrastructure';

/** Marks SSH Secrets that a RemoteMachine uses, so that the informer sees only these (SR-18). */
export const sshKeyLabel = 'infrastructure.k0smotron.io/ssh-key';

/** `clusterctl move` takes along what carries it (SR-1). */
export const moveLabel = 'clusterctl.cluster.x-k8s.io/move';


/** Holds an SSH Secret until the clean-up of one machine ended (SR-1). */
export const sshKeyFinalizer = (machineUid: string): string => `infrastructure.k0smotron.io/${machineUid}`;

/** Name of the Secret that keeps what a machine's clean-up needs (SR-1). */
export const cleanUpSecretName = (machineName: string): string => `${machineName}-clean-up`;
