import { labels, Node } from '@k0smotron/api';
import type { KubeClient } from '@k0smotron/kube';

/** What is known of a Node that is looked for. */
export interface NodeTraits {
  /** The Machine's name: the Node's own name or its label. */
  readonly machine: string;
  /** Where the machine answers; looked at when no Node has the name. Empty: only the name counts. */
  readonly addresses: readonly string[];
}

/** By name, else by the label that our data gives each kubelet, else by address. */
export async function findNode(
  workload: KubeClient,
  { machine, addresses }: NodeTraits,
  signal: AbortSignal,
): Promise<Node | undefined> {
  const named = await workload.get(Node, { name: machine }, signal);
  if (named) return named;
  const [labelled] = await workload.list(Node, { labelSelector: `${labels.machineName}=${machine}` }, signal);
  if (labelled || addresses.length === 0) return labelled;
  const there = (await workload.list(Node, {}, signal)).filter(
    (node) => sharesAddress(node, addresses) && node.metadata.labels?.[labels.machineName] === undefined,
  );
  // Two Nodes at one address: one of them is a leftover, and an identity that was given cannot be taken back.
  return there.length === 1 ? there[0] : undefined;
}

/** True when a Node answers at one of these addresses; loopback says nothing. */
export const sharesAddress = ({ status }: Pick<Node, 'status'>, addresses: readonly string[]): boolean =>
  status?.addresses?.some(({ address }) => !isLoopback(address) && addresses.includes(address)) ?? false;

const isLoopback = (address: string): boolean => /^(127\.|::1$|localhost$)/.test(address);
