import { Machine } from '@k0smotron/api';
import { done } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { missingHostMetadata } from '../../../hosts/host-metadata.ts';
import { fieldManager } from '../../../names.ts';
import type { RemoteMachineScope } from '../scope.ts';

/** Copies labels and annotations of the host to the Machine, where it has none of that name (k0smotron-behaviour §11.1). */
export const ensureMachineMetadata: Step<RemoteMachineScope> = {
  name: 'ensure machine metadata',

  async run({ run, remote, machine }, signal) {
    if (!machine) return done;
    const labels = missingHostMetadata(remote.metadata.labels, machine.metadata.labels);
    const annotations = missingHostMetadata(remote.metadata.annotations, machine.metadata.annotations);
    if (!labels && !annotations) return done;
    await run.kube.patch(
      Machine,
      { namespace: machine.metadata.namespace, name: machine.metadata.name },
      { type: 'merge', body: { metadata: { uid: machine.metadata.uid, labels, annotations } } },
      { fieldManager },
      signal,
    );
    return done;
  },
};
