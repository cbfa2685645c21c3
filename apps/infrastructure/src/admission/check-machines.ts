import { annotations, type PooledRemoteMachine, type RemoteMachine, type RemoteMachineTemplate } from '@k0smotron/api';
import type { Finding } from '@k0smotron/core';
import type { Check } from '@k0smotron/runtime';
import { hostFindings } from './check-host.ts';

/** Where a machine's host comes from, and how it is reached. */
export const checkRemoteMachine: Check<RemoteMachine> = ({ metadata, spec }) => {
  const { pool, address, sshKeyRef, provisionJob } = spec ?? {};
  const taken = metadata.annotations?.[annotations.pooledMachine] !== undefined;
  return [
    ...hostFindings(spec ?? {}, 'spec'),
    ...poolFindings(pool, 'spec.pool'),
    ...(provisionJob ? [notYet('spec.provisionJob')] : []),
    ...(pool && address && !taken
      ? [warning('spec.address', 'is replaced by that of the host from the pool: write either pool or address')]
      : []),
    ...(!pool && !provisionJob && !(address && sshKeyRef)
      ? [warning('spec', 'has no host yet: write address and sshKeyRef, or pool')]
      : []),
  ];
};

/** A template's machines come from a pool. The original takes any, and topologies may complete it: told only. */
export const checkRemoteMachineTemplate: Check<RemoteMachineTemplate> = ({ spec }) => {
  const { pool, provisionJob } = spec?.template?.spec ?? {};
  const at = 'spec.template.spec';
  return [
    ...(pool
      ? poolFindings(pool, `${at}.pool`)
      : [warning(`${at}.pool`, 'is missing: write the pool of its machines')]),
    ...(provisionJob ? [notYet(`${at}.provisionJob`)] : []),
  ];
};

/** A host that waits in a pool. */
export const checkPooledRemoteMachine: Check<PooledRemoteMachine> = ({ spec }, old) => [
  ...poolFindings(spec.pool, 'spec.pool'),
  ...hostFindings(spec.machine ?? {}, 'spec.machine'),
  ...movedFindings(spec, old),
];

/** The machine that holds the host has a copy of where it is. */
function movedFindings(spec: PooledRemoteMachine['spec'], old: PooledRemoteMachine | undefined): Finding[] {
  const holder = old?.metadata.annotations?.[annotations.reservedBy];
  if (!holder || old?.spec.machine?.address === spec.machine?.address) return [];
  return [warning('spec.machine.address', `RemoteMachine ${holder} holds this host and keeps the old address`)];
}

const poolFindings = (pool: string | undefined, field: string): Finding[] =>
  pool && pool.trim() !== pool
    ? [warning(field, `${JSON.stringify(pool)} begins or ends with a blank, which is part of its name: take it out`)]
    : [];

const notYet = (field: string): Finding =>
  warning(field, 'is stored and not carried out by this release: write address and sshKeyRef, or pool');

const warning = (field: string, message: string): Finding => ({ field, message, warning: true });
