export { bootsOurData } from './boots-our-data.ts';
export type { NodeIdentityDependencies } from './give-provider-id.ts';
export { NodeWatches } from './node-watches.ts';
export { providerIdController, type NamedNodes } from './provider-id-controller.ts';
