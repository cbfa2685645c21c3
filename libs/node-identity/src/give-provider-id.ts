import { annotations, labels, type Cluster, type Machine, Node } from '@k0smotron/api';
import { done, isDeleting, waitingOn, type Logger, type Outcome } from '@k0smotron/core';
import type { KubeClient, WorkloadClusters } from '@k0smotron/kube';
import { findNode } from './find-node.ts';
import type { NodeWatches } from './node-watches.ts';

/** What lives as long as the process. */
export interface NodeIdentityDependencies {
  readonly workloads: Pick<WorkloadClusters, 'client'>;
  readonly nodes: NodeWatches;
}

/** A Machine that is to get a Node. */
export interface NodelessMachine {
  readonly machine: Machine;
  /** As cached; its pause counts. */
  readonly cluster?: Cluster;
  /** Addresses by which a Node is known that has neither the Machine's name nor its label. Empty: it must have one. */
  readonly addresses: readonly string[];
  readonly log: Logger;
}

/** Looks for the Machine's Node only until core has found it too; then the cluster's Nodes are watched no more. */
export async function giveProviderId(
  wanted: NodelessMachine,
  { workloads, nodes }: NodeIdentityDependencies,
  signal: AbortSignal,
): Promise<Outcome> {
  const { machine, addresses } = wanted;
  const { name, namespace } = machine.metadata;
  const { providerID } = machine.spec;
  const clusterKey = { namespace, name: machine.spec.clusterName };
  const idle = idleBecause(wanted);
  if (idle || !providerID) {
    nodes.release(clusterKey, machine.metadata);
    return idle ?? waitingOn('the provider id of the Machine');
  }
  const workload = await workloads.client(clusterKey, signal);
  if (!workload) return waitingOn('the kubeconfig of the cluster');
  nodes.watchFor(clusterKey, { key: { namespace, name }, addresses }, workload);

  const node = await findNode(workload, { machine: name, addresses }, signal);
  if (!node) return waitingOn(`Node ${name} to register`);
  return node.spec?.providerID ? keep(wanted, node) : give(wanted, { workload, node, providerID }, signal);
}

function idleBecause({ machine, cluster }: NodelessMachine): Outcome | undefined {
  if (machine.status?.nodeRef?.name !== undefined || isDeleting(machine)) return done;
  // Before, there is no kubeconfig to ask for; the Cluster's change wakes us. Without a control-plane object core waits for a
  // Node of a controller, and so for us.
  const begun = !cluster?.spec.controlPlaneRef || cluster.status?.initialization?.controlPlaneInitialized === true;
  if (!begun) return waitingOn('the control plane of the cluster');
  const paused = cluster?.spec.paused === true || machine.metadata.annotations?.[annotations.paused] !== undefined;
  return paused ? waitingOn('the end of the pause') : undefined;
}

function keep({ machine, log }: NodelessMachine, { metadata, spec }: Node): Outcome {
  const { providerID } = machine.spec;
  if (spec.providerID !== providerID) {
    log.warn('Node has another provider id, which cannot be changed', { Node: metadata.name, providerID });
  }
  return done;
}

interface Found {
  readonly workload: KubeClient;
  readonly node: Node;
  readonly providerID: string;
}

async function give(
  { machine, log }: NodelessMachine,
  { workload, node, providerID }: Found,
  signal: AbortSignal,
): Promise<Outcome> {
  const twin = await nodeWithProviderId(workload, providerID, signal);
  if (twin) return waitingOn(`Node ${twin.metadata.name}, which still has this provider id, to be gone`);
  const { name, uid } = node.metadata;
  const body = { metadata: { uid, labels: { [labels.machineName]: machine.metadata.name } }, spec: { providerID } };
  await workload.patch(Node, { name }, { type: 'merge', body }, {}, signal);
  log.info('Node has its provider id', { Node: name, providerID });
  return done;
}

/** A host that came back from a pool registers under a new name while the old Node may still be there (IM-03). */
const nodeWithProviderId = async (
  workload: KubeClient,
  providerID: string,
  signal: AbortSignal,
): Promise<Node | undefined> =>
  (await workload.list(Node, {}, signal)).find(({ spec }) => spec?.providerID === providerID);
