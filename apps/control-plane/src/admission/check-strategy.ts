import type { K0sControlPlane } from '@k0smotron/api';
import { readableArgs, runsWorker } from '@k0smotron/k0s';
import type { Check } from '@k0smotron/runtime';
import { whyAlone } from '../machines/why-alone.ts';

const field = 'spec.updateStrategy';

/** Whether the strategy can do anything with this many controllers. The schema has refused Recreate with `--single` itself. */
export const checkStrategy: Check<K0sControlPlane> = ({ spec }) => {
  const { updateStrategy, replicas = 1, k0sConfigSpec } = spec;
  if (updateStrategy === undefined || updateStrategy === 'InPlace') return [];
  const alone = whyAlone(k0sConfigSpec ?? {});
  if (alone) return [{ field, message: `${updateStrategy} needs a second controller: write InPlace. ${alone}` }];
  if (updateStrategy !== 'RecreateDeleteFirst' || replicas >= 3) return [];
  const message = `with ${replicas} of at least 3 replicas a new machine is made first all the same: write Recreate`;
  return [{ field, message, warning: true }];
};

/** SR-3: told once, since it is a choice that many make. */
export const checkKubelet: Check<K0sControlPlane> = ({ spec }, old) => {
  if (old || runsWorker(readableArgs(spec.k0sConfigSpec?.args))) return [];
  const message = 'without --enable-worker: no clusterctl move, no Cluster API in-place update of controllers';
  return [{ field: 'spec.k0sConfigSpec.args', message, warning: true }];
};
