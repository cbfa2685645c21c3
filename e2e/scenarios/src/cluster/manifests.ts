import { readFile } from 'node:fs/promises';
import type { Machine } from '@k0smotron/lab';
import { loadAll } from 'js-yaml';
import { repository } from '../system/repository.ts';

/** A manifest as a user writes it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: Record<string, unknown>;
  readonly [field: string]: unknown;
}

/** The documents of one file of deploy/samples: the articles' manifests, word for word. */
export async function sample(name: string): Promise<Manifest[]> {
  return loadAll(await readFile(`${repository}/deploy/samples/${name}.yaml`, 'utf8')) as Manifest[];
}

/** What the lab puts in place of the samples' example values: addresses, key names, versions; and where k0s is. */
export interface LabValues {
  readonly version: string;
  readonly downloadURL: string;
  readonly endpoint: { readonly host: string; readonly port: number };
  /** Flags that leave out what needs images from the internet. */
  readonly controllerArgs: readonly string[];
}

/** Images cannot be had in the lab, so nothing that needs one is started. */
export const labControllerArgs = [
  '--disable-components=metrics-server,coredns,kube-proxy,network-provider,helm,update-prober,windows-node',
];

/** Sets a field at a path of an object that may not have it yet. */
export function withField(manifest: Manifest, path: readonly string[], value: unknown): Manifest {
  const copy = structuredClone(manifest) as Record<string, unknown>;
  let at = copy;
  for (const step of path.slice(0, -1)) at = (at[step] ??= {}) as Record<string, unknown>;
  at[path.at(-1) ?? ''] = value;
  return copy as unknown as Manifest;
}

/** The Secret with the key of a lab machine, as users make it: `value` holds the private key. */
export const sshKeySecret = (name: string, sshKey: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'default' },
  stringData: { value: sshKey },
});

/** Hosts of a pool, in the articles' form. */
export const pooledMachines = (pool: string, machines: readonly Machine[]): Manifest[] =>
  machines.flatMap((machine) => [
    sshKeySecret(`${pool}-${machine.name}-key`, machine.sshKey),
    {
      apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1',
      kind: 'PooledRemoteMachine',
      metadata: { name: `${pool}-${machine.name}`, namespace: 'default' },
      spec: {
        pool,
        machine: {
          address: machine.address,
          port: 22,
          user: 'root',
          sshKeyRef: { name: `${pool}-${machine.name}-key` },
        },
      },
    },
  ]);

/** Cluster and control plane from the samples, with the lab's values. */
export async function controlPlaneManifests(values: LabValues, replicas = 1): Promise<Manifest[]> {
  const cluster = (await sample('cluster')).map((document) =>
    document.kind === 'Cluster' ? withField(document, ['spec', 'controlPlaneEndpoint'], values.endpoint) : document,
  );
  const plane = (await sample('control-plane')).map((document) => {
    if (document.kind !== 'K0sControlPlane') return document;
    const fields: [string[], unknown][] = [
      [['metadata', 'namespace'], 'default'],
      [['spec', 'replicas'], replicas],
      [['spec', 'k0sVersion'], values.version],
      [['spec', 'k0sConfigSpec', 'downloadURL'], values.downloadURL],
      [['spec', 'k0sConfigSpec', 'args'], values.controllerArgs],
      [['spec', 'k0sConfigSpec', 'k0s', 'spec', 'network'], { provider: 'custom' }],
      [['spec', 'k0sConfigSpec', 'k0s', 'spec', 'telemetry'], { enabled: false }],
    ];
    return fields.reduce((manifest, [path, value]) => withField(manifest, path, value), document);
  });
  return [...cluster, ...plane];
}

/** The MachineDeployment of the samples, with the lab's values. */
export async function machineDeploymentManifests(
  { version, downloadURL }: LabValues,
  replicas = 1,
): Promise<Manifest[]> {
  return (await sample('machine-deployment')).map((document) => {
    if (document.kind === 'MachineDeployment') {
      const scaled = withField(document, ['spec', 'replicas'], replicas);
      return withField(scaled, ['spec', 'template', 'spec', 'version'], version);
    }
    if (document.kind !== 'K0sWorkerConfigTemplate') return document;
    return withField(document, ['spec', 'template', 'spec'], { version, downloadURL });
  });
}

/** The single worker of the samples on one lab machine. */
export async function singleWorkerManifests(
  { version, downloadURL }: LabValues,
  machine: Machine,
): Promise<Manifest[]> {
  const documents = (await sample('single-worker')).map((document) => {
    if (document.kind === 'RemoteMachine') return withField(document, ['spec', 'address'], machine.address);
    if (document.kind === 'Machine') return withField(document, ['spec', 'version'], version);
    return withField(document, ['spec'], { version, downloadURL });
  });
  return [sshKeySecret('footloose-key', machine.sshKey), ...documents];
}
