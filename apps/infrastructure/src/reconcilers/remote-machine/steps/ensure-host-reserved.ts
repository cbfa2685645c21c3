import { annotations, conditionTypes, PooledRemoteMachine } from '@k0smotron/api';
import { done, lookAgain, waitingOn, type Outcome } from '@k0smotron/core';
import { factObject, machineReserved } from '@k0smotron/events';
import type { Step } from '@k0smotron/runtime';
import { chooseHost, holderOf } from '../../../hosts/pool.ts';
import { reserveHost } from '../../../hosts/reserve-host.ts';
import type { RemoteMachineScope } from '../scope.ts';
import { recordHost } from './record-host.ts';

/** Soon enough to say what the pool looks like once the caches show who was faster. */
const contendedMs = 200;

/** Gives a pooled machine a host of its pool, once. The reservation is a compare-and-swap on the host (SR-1). */
export const ensureHostReserved: Step<RemoteMachineScope> = {
  name: 'ensure host reserved',

  async run(scope, signal) {
    const { run, remote } = scope;
    const { pool, address, providerID } = remote.spec;
    if (!pool) return requireAddress(scope);
    const recorded = remote.metadata.annotations?.[annotations.pooledMachine];
    if (recorded && address)
      return providerID ? reserved(scope, recorded) : requireReservation(scope, recorded, signal);

    const hosts = run.caches.of(PooledRemoteMachine).list(remote.metadata.namespace);
    const choice = chooseHost(pool, hosts, remote.metadata.name);
    if (choice.kind === 'exhausted') {
      report(scope, 'False', 'PoolExhausted', choice.because);
      return waitingOn(`a free host in pool '${pool}'`);
    }
    const host = choice.kind === 'held' ? choice.host : await reserveHost(run, choice.candidates, signal);
    if (!host) return lookAgain(contendedMs, `other machines were faster to take the free hosts of pool '${pool}'`);
    await recordHost(run, host, signal);
    return waitingOn('the reserved host in the RemoteMachine'); // our own write wakes the key
  },
};

/** Somebody may have taken the reservation off by hand: no host is touched that is not ours. */
async function requireReservation(scope: RemoteMachineScope, name: string, signal: AbortSignal): Promise<Outcome> {
  const { run, remote } = scope;
  const host = run.caches.of(PooledRemoteMachine).get({ namespace: remote.metadata.namespace, name });
  const holder = host && holderOf(host);
  if (holder === remote.metadata.name) return reserved(scope, name);
  if (host && holder === undefined && (await reserveHost(run, [host], signal))) return reserved(scope, name);
  const who = host ? `is reserved by ${holder}` : 'is gone';
  const message = `PooledRemoteMachine ${name}, which this machine had reserved, ${who}: delete this machine, or give it back`;
  report(scope, 'False', 'ReservationLost', message);
  return waitingOn(`PooledRemoteMachine ${name}`);
}

/** Told each time: who told it first may have died before NATS had it (SR-8). The bus drops what it knows. */
async function reserved(scope: RemoteMachineScope, name: string): Promise<Outcome> {
  const { run, remote, bus } = scope;
  report(scope, 'True', 'Reserved', `Host ${name}`);
  const host = run.caches.of(PooledRemoteMachine).get({ namespace: remote.metadata.namespace, name });
  if (host) {
    const details = { pool: remote.spec.pool ?? '', host: { name, uid: host.metadata.uid } };
    await bus.publish(machineReserved(factObject(remote), details, run.clock.now()));
  }
  return done;
}

function requireAddress(scope: RemoteMachineScope): Outcome {
  const { address, sshKeyRef } = scope.remote.spec;
  const missing = [...(address ? [] : ['spec.address']), ...(sshKeyRef?.name ? [] : ['spec.sshKeyRef.name'])];
  if (missing.length === 0) {
    // An earlier complaint must not stay for ever.
    const said = scope.remote.status?.conditions?.some(({ type }) => type === conditionTypes.hostReserved);
    if (said) report(scope, 'True', 'OwnAddress', '');
    return done;
  }
  report(scope, 'False', 'MissingFields', `Set ${missing.join(' and ')}, or spec.pool to take a host from a pool`);
  return waitingOn(missing.join(' and '));
}

function report({ run, found }: RemoteMachineScope, status: 'True' | 'False', reason: string, message: string): void {
  if (status === 'False') found.problem = message;
  run.report({ type: conditionTypes.hostReserved, status, reason, message });
}
