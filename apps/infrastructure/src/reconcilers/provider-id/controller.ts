import type { Machine } from '@k0smotron/api';
import { providerIdController, type NodeIdentityDependencies } from '@k0smotron/node-identity';
import { isOurs } from './is-ours.ts';

const addressesOf = ({ status }: Machine) => (status?.addresses ?? []).map(({ address }) => address);

/** Names the Nodes on our hosts that foreign data booted: they may be called anything, so their addresses count too. */
export const foreignNodesController = (dependencies: NodeIdentityDependencies) =>
  providerIdController({ covers: isOurs, addressesOf }, dependencies);
