import type { Controller } from '@k0smotron/runtime';
import { snapshotStoreController } from './reconcilers/snapshot-store/controller.ts';
import type { StoreDependencies } from './stores/open-store-of.ts';

/** Every loop of the snapshot service; the RBAC manifests are generated from this list. */
export const controllers = (dependencies: StoreDependencies): readonly Controller[] => [
  snapshotStoreController(dependencies),
];
