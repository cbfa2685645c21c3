export { bootsOurData } from './boots-our-data.ts';
export { giveProviderId, type NodeIdentityDependencies, type NodelessMachine } from './give-provider-id.ts';
export { NodeWatches } from './node-watches.ts';
