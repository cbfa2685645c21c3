/** Annotation keys that we read or write. */
export const annotations = {
  /** Presence, with any value, stops all work on the object (P-01). */
  paused: 'cluster.x-k8s.io/paused',
  /** Presence means that someone else fills the infrastructure cluster's status (P-05). */
  managedBy: 'cluster.x-k8s.io/managed-by',
  /** Which template an object was copied from. */
  clonedFromName: 'cluster.x-k8s.io/cloned-from-name',
  /** `Kind.group` of that template. */
  clonedFromGroupKind: 'cluster.x-k8s.io/cloned-from-groupkind',
  /** What the other API version cannot say (SR-15). */
  conversionData: 'cluster.x-k8s.io/conversion-data',
  /** Removes this Machine first on scale-down. */
  deleteMachine: 'cluster.x-k8s.io/delete-machine',
  /** Forces remediation of a Machine. */
  remediateMachine: 'cluster.x-k8s.io/remediate-machine',
  /** Forbids remediation of a Machine. */
  skipRemediation: 'cluster.x-k8s.io/skip-remediation',
  /** Machine deletion waits until this is gone: the etcd member must leave first (CP-28). */
  preTerminateHook: 'pre-terminate.delete.hook.machine.cluster.x-k8s.io/kcp-cleanup',
  /** Prefix of all pre-terminate hooks. */
  preTerminateHookPrefix: 'pre-terminate.delete.hook.machine.cluster.x-k8s.io/',
  /** `clusterctl move` refuses while this is there (SR-2). */
  blockMove: 'clusterctl.cluster.x-k8s.io/block-move',
  /** An in-place update of the Machine goes on. */
  updateInProgress: 'in-place-updates.internal.cluster.x-k8s.io/update-in-progress',
  /** Hooks that core still has to call for the Machine. */
  pendingHooks: 'runtime.cluster.x-k8s.io/pending-hooks',
  /** On K0sControlPlane: one remediation at a time. */
  remediationInProgress: 'controlplane.cluster.x-k8s.io/remediation-in-progress',
  /** On K0sControlPlane: another value makes an update in place that failed be tried again. */
  updateAttempt: 'controlplane.k0smotron.io/update-attempt',
  /** On worker Machines, through the template of their MachineDeployment: k0s follows the control plane's version in place. */
  updateInPlace: 'controlplane.k0smotron.io/update-in-place',
  /** On control-plane Machines: the K0sConfigSpec that they were made from, as JSON. */
  k0sConfig: 'k0s.controlplane.cluster.x-k8s.io/k0s-config',
  /** On the Cluster: `kube-system:<namespace uid>` of the workload cluster. */
  clusterId: 'k0sproject.io/cluster-id',
  /** On EtcdMember: when leaving was asked for. */
  markedToLeaveAt: 'k0smotron.io/marked-to-leave-at',
  /** On ControlNode: asks k0s before 1.31.6 to leave etcd. */
  leave: 'k0smotron.io/leave',
  /** On PooledRemoteMachine, else RemoteMachine: the pinned SSH host key, `SHA256:…` (SR-1). */
  sshHostKey: 'k0smotron.io/ssh-host-key',
  /** On PooledRemoteMachine: name of the RemoteMachine, in its namespace, that took it; survives a move, which changes uids (SR-1). */
  reservedBy: 'k0smotron.io/reserved-by',
  /** On PooledRemoteMachine: why the host could not be cleaned; it is not handed out while this is there. */
  dirty: 'k0smotron.io/dirty',
  /** On RemoteMachine: name of the PooledRemoteMachine that it took. */
  pooledMachine: 'k0smotron.io/pooled-machine',
  /** On RemoteMachine: presence lets it be deleted although the host cannot be cleaned (IM-06). */
  forceDelete: 'k0smotron.io/skip-clean-up',
  /** On JoinTokenRequest: namespace of the Cluster, when v1beta1 named another than the request's own. */
  clusterRefNamespace: 'k0smotron.io/cluster-ref-namespace',
  /** On kinds with a hosted cluster's spec: what v1beta1 said of the Service and v1beta2 has no field for, as JSON. */
  droppedService: {
    labels: 'k0smotron.io/conversion-dropped-service.labels',
    annotations: 'k0smotron.io/conversion-dropped-service.annotations',
    loadBalancerClass: 'k0smotron.io/conversion-dropped-service.loadBalancerClass',
    externalTrafficPolicy: 'k0smotron.io/conversion-dropped-service.externalTrafficPolicy',
  },
  /**
   * On K0sControllerConfig, written by the control plane after its pre-flight (SR-5): the host whose k0s API the controller
   * joins at, or `none` for the one that begins the cluster.
   */
  joinFrom: 'controlplane.k0smotron.io/join-from',
} as const;
