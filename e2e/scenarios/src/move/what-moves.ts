import {
  annotations,
  Cluster,
  K0sControllerConfig,
  K0sControlPlane,
  K0sWorkerConfig,
  K0sWorkerConfigTemplate,
  Machine as CapiMachine,
  MachineDeployment,
  MachineSet,
  Node,
  PooledRemoteMachine,
  RemoteCluster,
  RemoteMachine,
  RemoteMachineTemplate,
  Secret,
} from '@k0smotron/api';
import type { Kind, KubeObject } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import type { Machine } from '@k0smotron/lab';

const inDefault = { namespace: 'default' };
const kinds: readonly Kind<KubeObject>[] = [
  Cluster,
  K0sControlPlane,
  K0sControllerConfig,
  K0sWorkerConfig,
  K0sWorkerConfigTemplate,
  CapiMachine,
  MachineDeployment,
  MachineSet,
  PooledRemoteMachine,
  RemoteCluster,
  RemoteMachine,
  RemoteMachineTemplate,
  Secret,
];

/** All that a management cluster holds of a cluster and its pools, as `kind/name`. */
export async function holdings(kube: KubeClient): Promise<string[]> {
  return Object.keys(await desires(kube)).sort();
}

/** What is asked for in each object, by `kind/name`: equal where nothing was rolled, replaced or made anew. */
export async function desires(kube: KubeClient): Promise<Readonly<Record<string, unknown>>> {
  const lists = await Promise.all(kinds.map((kind) => kube.list(kind, inDefault)));
  return Object.fromEntries(
    lists.flatMap((objects, at) =>
      objects.map((object) => {
        const { spec, data } = object as { readonly spec?: unknown; readonly data?: unknown };
        return [`${kinds[at]?.kind}/${object.metadata.name}`, spec ?? data];
      }),
    ),
  );
}

/** Who holds each host of the pools, and the host key that is pinned for it (SR-1). */
export async function reservations(kube: KubeClient): Promise<Readonly<Record<string, object>>> {
  const hosts = await kube.list(PooledRemoteMachine, inDefault);
  return Object.fromEntries(
    hosts.map(({ metadata }) => [
      metadata.name,
      { holder: metadata.annotations?.[annotations.reservedBy], pin: metadata.annotations?.[annotations.sshHostKey] },
    ]),
  );
}

/** The Nodes of a workload cluster: one that joined anew would be another object, a machine that started anew another boot. */
export const nodesOf = async (workload: KubeClient): Promise<readonly object[]> =>
  (await workload.list(Node))
    .map(({ metadata, spec, ...node }) => {
      const { status } = node as { readonly status?: { readonly nodeInfo?: { readonly bootID?: string } } };
      return { name: metadata.name, uid: metadata.uid, providerID: spec?.providerID, boot: status?.nodeInfo?.bootID };
    })
    .sort((a, b) => a.name.localeCompare(b.name));

/** Which start of k0s runs on a host, and every file of our journal there: equal where nobody worked on the host. */
export async function tracesOn(host: Machine): Promise<string> {
  const start = 'systemctl show "k0s*.service" --property=Id,InvocationID,MainPID,ExecMainStartTimestampMonotonic';
  const journal = 'find /var/lib/k0smotron -type f -exec sha256sum {} + | sort -k 2';
  const { code, stdout, stderr } = await host.exec(`${start} && ${journal}`);
  if (code !== 0) throw new Error(`${host.name}: ${stderr}`);
  return stdout;
}
