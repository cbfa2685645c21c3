import { randomBytes } from 'node:crypto';

import type { MachineSpec } from './machine.ts';

/** A file in which a machine differs from the image. */
export interface OwnFile {
  /** On the machine. */
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  /** Id of the user and the group that own it, and its folder where that is `.ssh`. */
  readonly owner: number;
}

/** Users of the image and their ids, as image/customize.sh makes them. */
const logins = [
  { home: '/root', id: 0 },
  { home: '/home/remoteuser', id: 1001 },
  { home: '/home/nosudo', id: 1002 },
] as const;

/** Files that a machine needs before its first boot, whatever kind of machine it is. */
export function ownFiles({ index }: Pick<MachineSpec, 'index'>, authorizedKey: string): OwnFile[] {
  const authorized = logins.map(({ home, id }) => ({
    path: `${home}/.ssh/authorized_keys`,
    text: `${authorizedKey}\n`,
    mode: 0o600,
    owner: id,
  }));
  return [
    ...authorized,
    { path: '/etc/machine-id', text: `${randomBytes(16).toString('hex')}\n`, mode: 0o444, owner: 0 },
    {
      path: '/etc/cni/net.d/10-lab.conflist',
      text: JSON.stringify(cniConfig(index), undefined, 2),
      mode: 0o644,
      owner: 0,
    },
  ];
}

/** Pods get addresses of their machine's own; there are no routes between pods of different machines. */
function cniConfig(index: number): object {
  const subnet = `10.244.${index}.0/24`;
  const ipam = { type: 'host-local', ranges: [[{ subnet }]], routes: [{ dst: '0.0.0.0/0' }] };
  return {
    cniVersion: '0.4.0',
    name: 'lab',
    plugins: [
      { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: true, hairpinMode: true, ipam },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}
