/** Name of the kubelet profile in the configuration. */
export const kubeletProfile = 'lab';

/** Parts of k0s that need more than this one machine. */
export const disabledComponents = ['konnectivity-server', 'metrics-server', 'helm', 'update-prober', 'windows-node'];

/** k0s' configuration of a single node that is reached at `address`; pods get their addresses from the machine's own CNI. */
export const k0sConfig = (address: string): object => ({
  apiVersion: 'k0s.k0sproject.io/v1beta1',
  kind: 'ClusterConfig',
  metadata: { name: 'k0s' },
  spec: {
    api: { address, sans: [address] },
    network: { provider: 'custom' },
    telemetry: { enabled: false },
    // By default kubelet evicts all pods when less than 15 % of the host's disk is free, however large that is.
    workerProfiles: [
      {
        name: kubeletProfile,
        values: { evictionHard: { 'nodefs.available': '1Gi', 'imagefs.available': '1Gi' } },
      },
    ],
  },
});
