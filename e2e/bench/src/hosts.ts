import { Cluster, RemoteMachine } from '@k0smotron/api';
import { startMachines } from '@k0smotron/lab';
import { applyManifests, sshKeySecret, type Manifest, type System } from '@k0smotron/scenarios';
import { eventually } from '@k0smotron/testing';
import { timed, type Figure } from './figure.ts';

const count = 40;

/** Forty RemoteMachines at once, each running a script of five seconds. */
export async function* benchHosts(system: System): AsyncGenerator<Figure> {
  const { lab, kube } = system;
  const machines = await startMachines(lab, count);
  const script =
    '#cloud-config\nruncmd:\n  - sleep 5\n  - mkdir -p /run/cluster-api\n  - touch /run/cluster-api/bootstrap-success.complete\n';
  await applyManifests(system, [
    clusterManifest,
    remoteClusterManifest,
    sshKeySecret('bench-key', machines[0]?.sshKey ?? ''),
    dataSecret(script),
  ]);
  await eventually(
    async () => {
      const cluster = await kube.get(Cluster, { namespace: 'default', name: 'bench' });
      if (!cluster?.status?.initialization?.infrastructureProvisioned) throw new Error('not provisioned');
    },
    { what: 'the Cluster infrastructure' },
  );

  const { seconds } = await timed(async () => {
    await applyManifests(
      system,
      machines.flatMap((machine, at) => machineManifests(`bench-${at}`, machine.address)),
    );
    await eventually(
      async () => {
        const remotes = await kube.list(RemoteMachine, { namespace: 'default' });
        const ready = remotes.filter(({ spec }) => spec.providerID).length;
        if (ready < count) throw new Error(`${ready} of ${count} are provisioned`);
      },
      // Each look is forty objects for the API server, on the same cores as what is measured.
      { timeoutMs: 180_000, everyMs: 250, what: 'all machines' },
    );
  });
  yield {
    work: `${count} machines at once, each a 5 s script`,
    value: seconds,
    unit: 's',
    original: '50 s',
    aim: '≤ 12.5 s',
  };
}

const clusterManifest: Manifest = {
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'Cluster',
  metadata: { name: 'bench', namespace: 'default' },
  spec: {
    controlPlaneEndpoint: { host: '127.0.0.1', port: 6443 },
    infrastructureRef: { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'RemoteCluster', name: 'bench' },
  },
};

const remoteClusterManifest: Manifest = {
  apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta2',
  kind: 'RemoteCluster',
  metadata: { name: 'bench', namespace: 'default' },
  spec: {},
};

const dataSecret = (script: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'bench-data', namespace: 'default' },
  stringData: { value: script, format: 'cloud-config' },
});

const machineManifests = (name: string, address: string): Manifest[] => [
  {
    apiVersion: 'cluster.x-k8s.io/v1beta2',
    kind: 'Machine',
    metadata: { name, namespace: 'default' },
    spec: {
      clusterName: 'bench',
      bootstrap: { dataSecretName: 'bench-data' },
      infrastructureRef: { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'RemoteMachine', name },
    },
  },
  {
    apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta2',
    kind: 'RemoteMachine',
    metadata: { name, namespace: 'default' },
    spec: { address, sshKeyRef: { name: 'bench-key' } },
  },
];
