import { certifiesHost } from '@k0smotron/pki';
import { certificateOf, type HostedScope } from '../reconcilers/hosted-cluster/scope.ts';

/**
 * How long a new Service is left to be seen by DNS before anybody may ask for it, in ms. Too short costs half a minute, since a
 * DNS server remembers that there was nothing; it costs no member.
 */
const dnsLearnsMs = 3000;

const urlOf = (host: string): string => `https://${host}:2380`;

/**
 * What the peers of a member that joins will call it: its own Service, which is there before its pod; undefined while DNS may
 * not know that yet. A user's own certificate may not name the Service: then it is the pod, as for members that began etcd.
 */
export function peerUrlOfJoiner(scope: HostedScope, ordinal: number): string | undefined {
  const { names, found, memory, run } = scope;
  const host = names.etcdPeerHost(ordinal);
  if (!certifiesHost(certificateOf(scope, 'etcd-peer').certPem, host)) return urlOf(names.etcdHost(ordinal));
  const nowMs = run.clock.monotonicMs();
  const services = found.wanted.filter(({ kind }) => kind === 'Service');
  // Of all, so that the next member to join does not wait anew.
  memory.servicesSeenMs = new Map(
    services.map(({ metadata: { uid } }) => [uid, memory.servicesSeenMs?.get(uid) ?? nowMs]),
  );
  const own = services.find(({ metadata }) => metadata.name === names.etcdMember(ordinal))?.metadata.uid ?? '';
  return nowMs - (memory.servicesSeenMs.get(own) ?? nowMs) >= dnsLearnsMs ? urlOf(host) : undefined;
}

/** When to look again for {@link peerUrlOfJoiner}, in ms. */
export const peerUrlAgainMs = dnsLearnsMs;
