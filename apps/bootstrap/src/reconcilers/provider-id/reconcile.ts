import { annotations, Cluster, labels, type Machine, Node } from '@k0smotron/api';
import { done, isDeleting, waitingOn, type ObjectKey, type Outcome } from '@k0smotron/core';
import type { KubeClient, WorkloadClusters } from '@k0smotron/kube';
import type { Run } from '@k0smotron/runtime';
import type { NodeWatches } from '../../nodes/node-watches.ts';
import { getsANode } from './gets-a-node.ts';

/** What lives as long as the process. */
export interface ProviderIdDependencies {
  readonly workloads: WorkloadClusters;
  readonly nodes: NodeWatches;
}

/** Looks for the Machine's Node only until core has found it too; then the cluster's Nodes are watched no more. */
export async function reconcileProviderId(
  run: Run<Machine>,
  { workloads, nodes }: ProviderIdDependencies,
  signal: AbortSignal,
): Promise<Outcome> {
  const machine = run.object;
  const { providerID, clusterName } = machine.spec;
  const clusterKey: ObjectKey = { namespace: run.key.namespace, name: clusterName };
  const cluster = run.caches.of(Cluster).get(clusterKey);
  const settled = machine.status?.nodeRef?.name !== undefined || isDeleting(machine) || !getsANode(machine);
  const paused = cluster?.spec.paused === true || machine.metadata.annotations?.[annotations.paused] !== undefined;
  if (settled || !providerID || paused) {
    nodes.release(clusterKey, run.key);
    return settled ? done : waitingOn(paused ? 'the end of the pause' : 'the provider id of the Machine');
  }
  const workload = await workloads.client(clusterKey, signal);
  if (!workload) return waitingOn('the kubeconfig of the cluster');
  nodes.watchFor(clusterKey, run.key, workload);

  const node = await findNode(workload, machine, signal);
  if (!node) return waitingOn(`Node ${machine.metadata.name} to register`);
  if (node.spec?.providerID) {
    if (node.spec.providerID !== providerID) {
      run.log.warn('Node has another provider id, which cannot be changed', { Node: node.metadata.name, providerID });
    }
    return done;
  }
  const twin = await nodeWithProviderId(workload, providerID, signal);
  if (twin) return waitingOn(`Node ${twin.metadata.name}, which still has this provider id, to be gone`);
  await setProviderId(workload, node, { providerID, machine: machine.metadata.name }, signal);
  return done;
}

/** By name, else by the label that our data gives each kubelet. */
async function findNode(workload: KubeClient, { metadata }: Machine, signal: AbortSignal): Promise<Node | undefined> {
  const named = await workload.get(Node, { name: metadata.name }, signal);
  if (named) return named;
  const labelSelector = `${labels.machineName}=${metadata.name}`;
  const [labelled] = await workload.list(Node, { labelSelector }, signal);
  return labelled;
}

/** A host that came back from a pool registers under a new name while the old Node may still be there (IM-03). */
const nodeWithProviderId = async (
  workload: KubeClient,
  providerID: string,
  signal: AbortSignal,
): Promise<Node | undefined> =>
  (await workload.list(Node, {}, signal)).find(({ spec }) => spec?.providerID === providerID);

async function setProviderId(
  workload: KubeClient,
  { metadata }: Node,
  { providerID, machine }: { readonly providerID: string; readonly machine: string },
  signal: AbortSignal,
): Promise<void> {
  const body = {
    metadata: { uid: metadata.uid, labels: { [labels.machineName]: machine } },
    spec: { providerID },
  };
  await workload.patch(Node, { name: metadata.name }, { type: 'merge', body }, {}, signal);
}
