import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { Secret } from '@k0smotron/api';
import { externalControlPlane } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { clusterKey } from '../cluster/lab-cluster.ts';
import type { Manifest } from '../cluster/manifests.ts';
import type { Installation } from '../clusterctl/installation.ts';

const selectorOf = (name: string): string => `app=k0smotron,cluster=${name}`;
const namespace = 'default';

interface Listed {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly status?: {
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

async function listed({ controlPlane }: Installation, ...what: string[]): Promise<readonly Listed[]> {
  const text = await controlPlane.kubectl('get', ...what, '--namespace', namespace, '-o', 'json');
  return (JSON.parse(text) as { readonly items: readonly Listed[] }).items;
}

/** Names of the pods of a plane: API servers and etcd. */
export const podsOfPlane = async (installed: Installation, name = clusterKey.name): Promise<string[]> =>
  (await listed(installed, 'pods', '-l', selectorOf(name))).map(({ metadata }) => metadata.name);

/** Waits until a plane has so many API servers and members of etcd, all ready, no more and no fewer. */
export const planeSettled = (installed: Installation, replicas: number): Promise<void> =>
  eventually(
    async () => {
      const pods = await listed(installed, 'pods', '-l', selectorOf(clusterKey.name));
      const ready = pods.filter(({ status }) =>
        status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
      );
      const names = (of: readonly Listed[]) => of.map(({ metadata }) => metadata.name).sort();
      expect(names(ready)).toEqual(names(pods));
      const [plane] = await listed(installed, 'clusters.k0smotron.io');
      const told = plane?.status?.conditions?.filter(({ status }) => status === 'False').map(({ message }) => message);
      const count = (part: string) => pods.filter(({ metadata }) => metadata.labels?.['component'] === part).length;
      expect({ api: count('cluster'), etcd: count('etcd'), told }).toMatchObject({ api: replicas, etcd: replicas });
      const conditions = plane?.status?.conditions ?? [];
      for (const wanted of ['EtcdReady', 'APIServerReady', 'Available'])
        expect(conditions).toContainEqual(expect.objectContaining({ type: wanted, status: 'True' }));
    },
    { timeoutMs: 6 * 60_000, everyMs: 1000, what: `${replicas} API servers and members of etcd` },
  );

/** What is still there of a plane, as `kind/name`; Secrets are looked at by whoever knows which may stay. */
export async function leftovers(installed: Installation): Promise<string[]> {
  const own = 'clusters.cluster.x-k8s.io,clusters.k0smotron.io,k0smotroncontrolplanes,machines,remotemachines';
  const workloads = 'statefulsets,pods,persistentvolumeclaims,cronjobs,jobs,poddisruptionbudgets';
  const generated = `${workloads},services,configmaps,ingresses,networkpolicies`;
  const all = [...(await listed(installed, own)), ...(await listed(installed, generated, '-l', 'app=k0smotron'))];
  return all.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
}

/** kubectl as administrator of the workload cluster, with the kubeconfig that users find. */
export function workloadKubectl({ kube, lab }: Installation) {
  const kubectl = async (...args: string[]): Promise<string> => {
    const secret = await kube.get(Secret, { namespace, name: `${clusterKey.name}-kubeconfig` });
    const path = join(lab.dir, 'workload.kubeconfig');
    await writeFile(path, Buffer.from(secret?.data?.['value'] ?? '', 'base64'), { mode: 0o600 });
    return externalControlPlane(path).kubectl(...args);
  };
  return {
    run: kubectl,
    async apply(manifest: Manifest): Promise<void> {
      const file = join(lab.dir, 'workload.json');
      await writeFile(file, JSON.stringify(manifest));
      await kubectl('apply', '-f', file);
    },
  };
}
