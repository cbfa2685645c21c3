import { addressOf } from '../network.ts';
import type { MachineNetwork } from '../network.ts';
import type { MachineSpec } from '../machine.ts';

/**
 * What runs before a machine's init. The kernel's settings are the host's, so they are read-only as in any container that
 * is not privileged; and a name is refused at once, where Docker's own resolver would wait for a time-out.
 */
const boot = [
  'mount --bind /proc/sys /proc/sys',
  'mount --bind /proc/sys/net /proc/sys/net',
  'mount -o remount,bind,ro /proc/sys',
  'echo "nameserver $0" >/etc/resolv.conf',
  'exec /sbin/init',
].join(' && ');

/** Name of a machine's container, the only one of its kind on a daemon: bridges and subnets are claimed. */
export const containerName = ({ bridge }: MachineNetwork, { index }: MachineSpec): string => `${bridge}-${index}`;

/** Arguments of `docker` that make a lab's network; the host has the gateway's address on its bridge. */
export function networkArguments({ bridge, cidr, gateway }: MachineNetwork, label: string): string[] {
  return [
    ...['network', 'create', '--driver', 'bridge', '--label', label, '--subnet', cidr, '--gateway', gateway],
    ...['--opt', `com.docker.network.bridge.name=${bridge}`],
    ...['--opt', 'com.docker.network.bridge.enable_ip_masquerade=false'], // no way out, as with any machine of a lab
    bridge,
  ];
}

/** What a machine's container is made of. */
export interface ContainerPlan {
  readonly spec: MachineSpec;
  readonly network: MachineNetwork;
  readonly image: string;
  readonly label: string;
  /** Whether the host has a folder of kernel modules, which kube-proxy and iptables look into. */
  readonly modules: boolean;
}

/** Arguments of `docker` that make a machine, not yet running. */
export function createArguments({ spec, network, image, label, modules }: ContainerPlan): string[] {
  return [
    ...['create', '--name', containerName(network, spec), '--hostname', spec.name, '--label', label],
    ...['--network', network.bridge, '--ip', addressOf(network, spec.index)],
    // systemd: cgroups of its own that it may write, its usual signal, and what it wants to be in memory.
    ...['--privileged', '--cgroupns', 'private', '--stop-signal', 'SIGRTMIN+3', '--env', 'container=docker'],
    ...['--tmpfs', '/run:exec,mode=755', '--tmpfs', '/tmp:exec,mode=1777'],
    // containerd's overlays cannot lie on the container's own.
    ...['--volume', '/var/lib/k0s'],
    ...(modules ? ['--volume', '/lib/modules:/lib/modules:ro'] : []),
    // A reboot from within ends the container with an error code; `stop` and `kill` are not undone by this.
    ...['--restart', 'on-failure'],
    ...[image, 'sh', '-c', boot, network.gateway],
  ];
}
