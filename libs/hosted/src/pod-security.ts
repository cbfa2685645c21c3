import type { JsonObject } from './json.ts';
import type { HostedPlane } from './plane.ts';

/** Ports from here on need no privilege. */
const firstFreePort = 1024;

/**
 * A container that may do nothing but what is listed. Its root is read-only, so whoever breaks in finds nothing to write to
 * but the plane's own data.
 */
export const confined = (added: readonly string[] = []): JsonObject => ({
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'], ...(added.length > 0 ? { add: added } : {}) },
});

/**
 * k0s begins as root: it gives its components users of their own, and their files to them. With fewer than these it starts
 * once, and fails when its container is restarted (seen with v1.34.4).
 */
export const k0sCapabilities = (plane: HostedPlane): readonly string[] => [
  ...['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'SETGID', 'SETUID'],
  ...(lowestPort(plane) < firstFreePort ? ['NET_BIND_SERVICE'] : []),
];

/** What all pods of a plane have: no token of the cluster they run in, and no environment from its Services. */
export const podIdentity = ({ spec }: HostedPlane): JsonObject => ({
  ...(spec.serviceAccount ? { serviceAccountName: spec.serviceAccount } : {}),
  automountServiceAccountToken: false,
  enableServiceLinks: false,
});

/**
 * Lets an API server listen on a port below 1024 without being root, by a sysctl of the pod's own network that Kubernetes
 * counts as safe. The original installed a package in each pod instead.
 */
export function unprivilegedPorts(plane: HostedPlane): JsonObject {
  const lowest = lowestPort(plane);
  return lowest < firstFreePort
    ? { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: String(lowest) }] }
    : {};
}

const lowestPort = ({ spec }: HostedPlane): number => Math.min(spec.service.apiPort, spec.service.konnectivityPort);
