import { annotations, PooledRemoteMachine, RemoteMachine } from '@k0smotron/api';
import { done, waitingOn, type Outcome } from '@k0smotron/core';
import { factObject, machineReserved } from '@k0smotron/events';
import { ConflictError } from '@k0smotron/kube';
import type { Step } from '@k0smotron/runtime';
import { chooseHost } from '../../../hosts/pool.ts';
import { fieldManager, moveLabel } from '../../../names.ts';
import type { RemoteMachineScope } from '../scope.ts';

/** Gives a pooled machine a host of its pool, once. The reservation is a compare-and-swap on the host (SR-1). */
export const ensureHostReserved: Step<RemoteMachineScope> = {
  name: 'ensure host reserved',

  async run(scope, signal) {
    const { run, remote } = scope;
    const { pool, address } = remote.spec;
    if (!pool || (address && holdsRecorded(remote))) return requireAddress(scope);

    const hosts = run.caches.of(PooledRemoteMachine).list(remote.metadata.namespace);
    const choice = chooseHost(pool, hosts, remote.metadata.name);
    if (choice.kind === 'exhausted') {
      report(scope, 'False', 'PoolExhausted', choice.because);
      return waitingOn(`a free host in pool '${pool}'`);
    }
    const host = choice.kind === 'held' ? choice.host : await reserve(scope, choice.candidates, signal);
    if (!host) {
      report(scope, 'False', 'PoolContended', `Other machines were faster to take the free hosts of pool '${pool}'`);
      return waitingOn(`a free host in pool '${pool}'`);
    }
    await recordHost(scope, host, signal);
    await scope.bus.publish(
      machineReserved(
        factObject(remote),
        { pool, host: { name: host.metadata.name, uid: host.metadata.uid } },
        run.clock.now(),
      ),
    );
    return waitingOn('the reserved host in the RemoteMachine'); // our own write wakes the key
  },
};

const holdsRecorded = ({ metadata }: RemoteMachine): boolean =>
  metadata.annotations?.[annotations.pooledMachine] !== undefined;

/** Tries the free hosts in order until one is ours; nobody else's write is ever overwritten. */
async function reserve(
  { run, remote }: RemoteMachineScope,
  candidates: readonly PooledRemoteMachine[],
  signal: AbortSignal,
): Promise<PooledRemoteMachine | undefined> {
  for (const { metadata } of candidates) {
    try {
      const reserved = await run.kube.patch(
        PooledRemoteMachine,
        { namespace: metadata.namespace, name: metadata.name },
        {
          type: 'merge',
          body: {
            metadata: {
              uid: metadata.uid,
              resourceVersion: metadata.resourceVersion,
              annotations: { [annotations.reservedBy]: remote.metadata.name },
              labels: { [moveLabel]: '' },
            },
          },
        },
        { fieldManager },
        signal,
      );
      run.expectWritten(reserved);
      return reserved;
    } catch (cause) {
      if (!(cause instanceof ConflictError)) throw cause;
    }
  }
  return undefined;
}

/** Writes the host's connection into the RemoteMachine, as the original does: whoever reads it need not know of pools. */
async function recordHost({ run, remote }: RemoteMachineScope, host: PooledRemoteMachine, signal: AbortSignal): Promise<void> {
  const { address, port, user, sshKeyRef, useSudo, commandsAsScript, workingDir, cleanUpCommands } = host.spec.machine;
  const inherited = { ...host.metadata.annotations };
  for (const own of [annotations.reservedBy, annotations.dirty, annotations.sshHostKey]) delete inherited[own];
  delete inherited['kubectl.kubernetes.io/last-applied-configuration'];
  const stored = await run.kube.patch(
    RemoteMachine,
    run.key,
    {
      type: 'merge',
      body: {
        metadata: {
          uid: remote.metadata.uid,
          labels: { ...withoutMove(host.metadata.labels), ...remote.metadata.labels },
          annotations: { ...inherited, ...remote.metadata.annotations, [annotations.pooledMachine]: host.metadata.name },
        },
        spec: { address, port, user, sshKeyRef, useSudo, commandsAsScript, workingDir, cleanUpCommands },
      },
    },
    { fieldManager },
    signal,
  );
  run.expectWritten(stored);
}

function withoutMove(labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { [moveLabel]: _, ...rest } = labels;
  return rest;
}

function requireAddress(scope: RemoteMachineScope): Outcome {
  const { address, sshKeyRef, provisionJob, pool } = scope.remote.spec;
  const missing = [...(address ? [] : ['spec.address']), ...(sshKeyRef?.name ? [] : ['spec.sshKeyRef.name'])];
  if (missing.length === 0 || provisionJob) {
    if (pool) report(scope, 'True', 'Reserved', `Host ${scope.remote.metadata.annotations?.[annotations.pooledMachine]}`);
    return done;
  }
  report(scope, 'False', 'MissingFields', `Set ${missing.join(' and ')}, or spec.pool to take a host from a pool`);
  return waitingOn(missing.join(' and '));
}

function report({ run, found }: RemoteMachineScope, status: 'True' | 'False', reason: string, message: string): void {
  if (status === 'False') found.problem = message;
  run.report({ type: 'HostReserved', status, reason, message });
}
