import { providerIdController, type NodeIdentityDependencies } from '@k0smotron/node-identity';
import { getsANode } from './gets-a-node.ts';

/** Names the Nodes of Machines that our data boots; they carry the Machine's name or label, so no address is asked. */
export const ownNodesController = (dependencies: NodeIdentityDependencies) =>
  providerIdController({ covers: getsANode }, dependencies);
