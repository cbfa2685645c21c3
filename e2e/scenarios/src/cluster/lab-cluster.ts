import { K0sControlPlane, Machine as CapiMachine, Node, Secret } from '@k0smotron/api';
import type { Condition, Kind, KubeObject, ObjectKey } from '@k0smotron/core';
import { k0sBinary, serveFiles, startMachines, type Machine } from '@k0smotron/lab';
import { connectKube, parseKubeConfig, type KubeClient } from '@k0smotron/kube';
import { eventually } from '@k0smotron/testing';
import { dirname } from 'node:path';
import { startLoadBalancer, type LoadBalancer } from '../system/load-balancer.ts';
import type { System } from '../system/start-system.ts';
import { labControllerArgs, type LabValues } from './manifests.ts';

/** Machines, the k0s download and the endpoint that clusters of one lab are made of. */
export interface Ground {
  readonly machines: readonly Machine[];
  readonly values: LabValues;
  readonly loadBalancer: LoadBalancer;
  close(): Promise<void>;
}

/** Boots machines with the parts of k0s and serves k0s itself for download. */
export async function prepareGround({ lab }: Pick<System, 'lab'>, count: number): Promise<Ground> {
  const k0s = await k0sBinary();
  const machines = await startMachines(lab, count, { parts: true });
  const files = await serveFiles(lab, dirname(k0s.path));
  const loadBalancer = await startLoadBalancer(new URL(files.url).hostname);
  return {
    machines,
    loadBalancer,
    values: {
      version: k0s.version,
      downloadURL: `${files.url}/k0s`,
      endpoint: { host: loadBalancer.host, port: loadBalancer.port },
      controllerArgs: labControllerArgs,
    },
    close: async () => {
      await loadBalancer.close();
      await files.close();
    },
  };
}

/** The Cluster of the samples. */
export const clusterKey: ObjectKey = { namespace: 'default', name: 'remote-test' };

/** The condition of an object, if it is there. */
export function conditionOf(object: KubeObject | undefined, type: string): Condition | undefined {
  const { status } = (object ?? {}) as { status?: { conditions?: readonly Condition[] } };
  return status?.conditions?.find((condition) => condition.type === type);
}

/** Waits until a condition has a status (and, if told, a reason); its message is in the failure. */
export function waitForCondition<T extends KubeObject>(
  kube: KubeClient,
  kind: Kind<T>,
  key: ObjectKey,
  wanted: { readonly type: string; readonly status: string; readonly reason?: string; readonly timeoutMs?: number },
): Promise<T> {
  const what = `${kind.kind} ${key.name}: ${wanted.type}=${wanted.status}${wanted.reason ? `/${wanted.reason}` : ''}`;
  return eventually(
    async () => {
      const object = await kube.get(kind, key);
      const condition = conditionOf(object, wanted.type);
      const right =
        condition?.status === wanted.status && (wanted.reason === undefined || condition.reason === wanted.reason);
      if (!object || !right)
        throw new Error(
          condition
            ? `it is ${condition.status}/${condition.reason}: ${condition.message}`
            : 'it has no such condition',
        );
      return object;
    },
    { timeoutMs: wanted.timeoutMs ?? 60_000, everyMs: 100, what },
  );
}

/** Points the endpoint at the controllers that stay, those that serve first, as a load balancer's health checks would. */
export async function followControllers({ kube }: System, loadBalancer: LoadBalancer): Promise<void> {
  const labelSelector = 'cluster.x-k8s.io/control-plane';
  const machines = await kube.list(CapiMachine, { namespace: 'default', labelSelector });
  const rank = (machine: CapiMachine): number => (conditionOf(machine, 'APIServerHealthy')?.status === 'True' ? 0 : 1);
  const addresses = machines
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .sort((a, b) => rank(a) - rank(b))
    .flatMap(({ status }) => status?.addresses?.map(({ address }) => address) ?? []);
  loadBalancer.setBackends(addresses);
}

/** A client of the workload cluster, from the kubeconfig Secret, as any user would make it. */
export async function workloadClient({ kube }: Pick<System, 'kube'>, name = clusterKey.name): Promise<KubeClient> {
  const secret = await kube.get(Secret, { namespace: 'default', name: `${name}-kubeconfig` });
  const value = secret?.data?.['value'];
  if (value === undefined) throw new Error('the kubeconfig Secret is not there');
  return connectKube(parseKubeConfig(Buffer.from(value, 'base64').toString('utf8')), { userAgent: 'e2e-workload' });
}

/** Waits for exactly these many Nodes, all Ready. */
export function waitForNodes(workload: KubeClient, count: number, timeoutMs = 90_000): Promise<readonly Node[]> {
  return eventually(
    async () => {
      const nodes = await workload.list(Node);
      const ready = nodes.filter((node) => conditionOf(node, 'Ready')?.status === 'True');
      if (nodes.length !== count || ready.length !== count)
        throw new Error(`${ready.length} of ${nodes.length} Nodes are Ready`);
      return nodes;
    },
    { timeoutMs, everyMs: 200, what: `${count} Ready Nodes` },
  );
}

/** Waits until the control plane counts these many controllers, all ready. */
export function waitForControllers({ kube }: System, count: number, timeoutMs = 180_000): Promise<K0sControlPlane> {
  return eventually(
    async () => {
      const plane = await kube.get(K0sControlPlane, clusterKey);
      const { replicas, readyReplicas } = plane?.status ?? {};
      if (!plane || replicas !== count || readyReplicas !== count) {
        throw new Error(
          `replicas ${replicas}, ready ${readyReplicas}: ${conditionOf(plane, 'ScalingUp')?.message} ${conditionOf(plane, 'ScalingDown')?.message} ${conditionOf(plane, 'Available')?.message}`,
        );
      }
      return plane;
    },
    { timeoutMs, everyMs: 200, what: `${count} ready controllers` },
  );
}
