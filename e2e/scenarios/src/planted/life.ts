import { Cluster, K0sControlPlane, RemoteMachine, Secret, SnapshotStore } from '@k0smotron/api';
import type { Machine } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { applyManifests } from '../cluster/apply.ts';
import { clusterKey, followControllers, waitForCondition, type Ground } from '../cluster/lab-cluster.ts';
import {
  controlPlaneManifests,
  pooledMachines,
  singleWorkerManifests,
  sshKeySecret,
  withField,
  type Manifest,
} from '../cluster/manifests.ts';
import { bootstrapData, hostsCluster, onHost, ownerMachine } from '../remote-machine/objects.ts';
import { deleteMachines, inDefault, waitFor } from '../remote-machine/observe.ts';
import type { System } from '../system/start-system.ts';
import type { Plants } from './plants.ts';

const alone = ['fails', 'stranger', 'broken'];

/** Machines with hand-made data that fail, each where a careless message would tell a secret; all on one host. */
export async function failAlone(system: System, host: Machine, plants: Plants): Promise<void> {
  const data = script(
    `test -n ${plants.userDataPassword}`,
    `cat <<'END'\n${plants.printedKey}END\necho password=${plants.printedPassword}; false`,
  );
  const machine = (name: string, sshKey: string): Manifest[] => [
    sshKeySecret(`${name}-key`, sshKey),
    bootstrapData(`${name}-data`, data),
    onHost(name, host),
    ownerMachine(name),
  ];
  await applyManifests(system, [
    ...hostsCluster(),
    ...machine('fails', host.sshKey),
    ...machine('stranger', plants.strangersKey),
    ...machine('broken', plants.brokenKey),
  ]);
  await waitFor(system, 'fails', { type: 'BootstrapExecSucceeded', status: 'False', reason: 'ProvisionFailed' });
  for (const name of ['stranger', 'broken']) await waitFor(system, name, { type: 'HostReachable', status: 'False' });
}

const script = (...commands: string[]): string =>
  `#cloud-config\nruncmd:\n${commands.map((it) => `  - ${JSON.stringify(it)}\n`).join('')}`;

/** A store of snapshots where nobody answers. */
export async function failToStore({ kube }: System, { storeKey }: Plants): Promise<void> {
  const keys = { accessKeyId: btoa('planted'), secretAccessKey: btoa(storeKey) };
  await kube.create(Secret, { metadata: inDefault('store-keys'), data: keys });
  const s3 = { endpoint: 'http://127.0.0.1:1', bucket: 'b', pathStyle: true, credentialsRef: { name: 'store-keys' } };
  await kube.create(SnapshotStore, { metadata: inDefault('planted'), spec: { s3 } });
  const unreachable = { type: 'Ready', status: 'False', reason: 'Unreachable', timeoutMs: 60_000 };
  await waitForCondition(kube, SnapshotStore, inDefault('planted'), unreachable);
}

/** Ends what `failAlone` began. */
export const endAlone = (system: System): Promise<void> => deleteMachines(system, alone);

/** A k0s cluster of a controller and a worker, both provisioned. */
export async function liveAsCluster(system: System, { machines, values, loadBalancer }: Ground, plants: Plants) {
  const [controller, worker] = machines;
  if (!controller || !worker) throw new Error('two machines are needed');
  const follow = setInterval(() => void followControllers(system, loadBalancer).catch(() => undefined), 250);
  try {
    const plane = (await controlPlaneManifests(values)).map((it) =>
      it.kind === 'K0sControlPlane' ? withField(it, helmRepositories, [repositoryWith(plants.k0sConfigPassword)]) : it,
    );
    await applyManifests(system, [...pooledMachines('default', [controller]), ...plane]);
    const available = { type: 'Available', status: 'True', timeoutMs: 120_000 };
    await waitForCondition(system.kube, K0sControlPlane, clusterKey, available);
    const files = [
      { path: '/etc/planted', contentFrom: { secretRef: { name: 'planted', key: 'value' } } },
      { path: '/etc/plain', contentFrom: { configMapRef: { name: 'plain', key: 'value' } } },
    ];
    const workers = (await singleWorkerManifests(values, worker)).map((it) => {
      if (it.kind === 'K0sWorkerConfig') return withField(it, ['spec', 'files'], files);
      // A label of the host goes to its Machine.
      return it.kind === 'RemoteMachine' ? withField(it, ['metadata', 'labels'], { rack: 'planted' }) : it;
    });
    await applyManifests(system, [
      keep('Secret', 'planted', plants.fileSecret),
      keep('ConfigMap', 'plain'),
      ...workers,
    ]);
    await waitFor(system, workerName, { type: 'Ready', status: 'True', timeoutMs: 60_000 });
  } finally {
    clearInterval(follow);
  }
}

const workerName = 'remote-test-0';
const helmRepositories = ['spec', 'k0sConfigSpec', 'k0s', 'spec', 'extensions', 'helm', 'repositories'];

const repositoryWith = (password: string) => ({
  name: 'planted',
  url: 'https://charts.example.org',
  username: 'somebody',
  password,
});

const keep = (kind: 'Secret' | 'ConfigMap', name: string, value = 'plain'): Manifest => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'default' },
  [kind === 'Secret' ? 'stringData' : 'data']: { value },
});

/** Deletes the cluster and waits until nothing of it is left. */
export async function endCluster({ kube }: System): Promise<void> {
  await kube.remove(Cluster, clusterKey);
  await eventually(
    async () => {
      if (await kube.get(Cluster, clusterKey)) throw new Error('the Cluster is still there');
      if (await kube.get(RemoteMachine, inDefault(workerName))) throw new Error('its worker is still there');
    },
    { timeoutMs: 120_000, everyMs: 100, what: 'the end of the cluster' },
  );
}
