import { labels, Secret } from '@k0smotron/api';
import { controllerRef, done, waitingOn } from '@k0smotron/core';
import { AlreadyExistsError } from '@k0smotron/kube';
import type { Step } from '@k0smotron/runtime';
import { readBootstrapData } from '../../../hosts/bootstrap-data.ts';
import { cleanUpRecord } from '../../../hosts/clean-up-record.ts';
import { cleanUpSecretName, fieldManager } from '../../../names.ts';
import type { RemoteMachineScope } from '../scope.ts';

/** Writes down how the host will be cleaned, before anything is done to it (SR-1). Made once; it is never needed to change. */
export const ensureCleanUpPlan: Step<RemoteMachineScope> = {
  name: 'ensure clean-up plan',

  async run(scope, signal) {
    const { run, remote, machine, cluster } = scope;
    const name = machine?.spec.bootstrap?.dataSecretName;
    if (remote.spec.providerID) return done;
    if (!name) return waitingOn('bootstrap data');
    const { namespace } = remote.metadata;
    const key = { namespace, name: cleanUpSecretName(remote.metadata.name) };
    if (await run.kube.get(Secret, key, signal)) return done;

    const { plan } = await readBootstrapData(run.kube, { namespace, name }, remote, signal);
    const record = JSON.stringify(cleanUpRecord(plan, remote));
    await run.kube
      .create(
        Secret,
        {
          metadata: {
            ...key,
            ...(cluster ? { labels: { [labels.clusterName]: cluster.metadata.name } } : {}),
            ownerReferences: [controllerRef(remote)],
          },
          type: 'infrastructure.k0smotron.io/clean-up',
          data: { record: Buffer.from(record, 'utf8').toString('base64') },
        },
        { fieldManager },
        signal,
      )
      .catch((cause: unknown) => {
        if (!(cause instanceof AlreadyExistsError)) throw cause;
      });
    return done;
  },
};
