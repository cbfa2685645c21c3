import type { HostedClusterSpec } from '@k0smotron/api';
import type { Finding } from '@k0smotron/core';

/** What decides who etcd is, whom it lets in and where its data lie: written by us, and flags would win over it. */
const ofMembers = [
  ...['name', 'data-dir', 'wal-dir', 'config-file', 'force-new-cluster', 'client-cert-auth', 'peer-client-cert-auth'],
  ...['initial-cluster', 'initial-cluster-state', 'initial-cluster-token', 'initial-advertise-peer-urls'],
  ...['advertise-client-urls', 'listen-client-urls', 'listen-peer-urls', 'listen-metrics-urls'],
  ...['trusted-ca-file', 'cert-file', 'key-file', 'peer-trusted-ca-file', 'peer-cert-file', 'peer-key-file'],
];

/** Flags of k0s and of etcd, which programs get one by one as they are written: no shell reads them, so none splits them. */
export const argumentFindings = ({ controlPlaneFlags = [], storage }: HostedClusterSpec, at: string): Finding[] => {
  const args = storage.etcd.args ?? [];
  const etcd = `${at}.storage.etcd.args`;
  return [
    ...shapeFindings(controlPlaneFlags, `${at}.controlPlaneFlags`),
    ...shapeFindings(args, etcd),
    ...args.flatMap((item, index) => memberFindings(item, `${etcd}[${index}]`)),
  ];
};

const shapeFindings = (items: readonly string[], field: string): Finding[] =>
  items.flatMap((item, index) => {
    const message = shapeProblem(item);
    return message === undefined ? [] : [{ field: `${field}[${index}]`, message }];
  });

/** A value may hold what it likes: `--labels=a b` is one argument. */
function shapeProblem(item: string): string | undefined {
  if (item.trim() === '') return 'is empty: take it out';
  if (item.includes('\0')) return 'holds a zero byte, which no program can be given: take it out';
  return /^-[^=\s]*\s/.test(item)
    ? 'is one argument, since no shell splits it: write --flag=value, or make it two items'
    : undefined;
}

function memberFindings(item: string, field: string): Finding[] {
  const flag = /^--?([^=\s]+)/.exec(item)?.[1] ?? '';
  return ofMembers.includes(flag)
    ? [{ field, message: `--${flag} is set by us, and data can be lost with another: take it out` }]
    : [];
}
