import { controllerVolumes } from './controller-volumes.ts';
import type { JsonObject } from './json.ts';
import { monitoringParts } from './monitoring-objects.ts';
import { placement } from './placement.ts';
import type { HostedPlane, HostedWorld } from './plane.ts';
import { confined, k0sCapabilities, podIdentity, unprivilegedPorts } from './pod-security.ts';
import { hasNats } from './replicas.ts';
import { configFolder } from './storage-config.ts';

/** The spec of a controller's pod. Commands are lists everywhere: no shell reads what a user wrote. */
export function controllerPod(plane: HostedPlane, world: HostedWorld): JsonObject {
  const { spec } = plane;
  const { volumes, mounts } = controllerVolumes(plane, world);
  return {
    ...podIdentity(plane),
    ...placement(plane, 'cluster'),
    securityContext: {
      seccompProfile: { type: 'RuntimeDefault' },
      ...unprivilegedPorts(plane),
      // k0s runs the server of NATS as a user of its own in group 0, which must be able to write to the claim.
      ...(hasNats(spec) ? { fsGroup: 0, fsGroupChangePolicy: 'OnRootMismatch' } : {}),
    },
    // k0s gives its API server up to twenty seconds to finish requests, and stops its other components after it.
    terminationGracePeriodSeconds: 60,
    containers: [
      {
        name: 'controller',
        image: `${spec.image}:${world.k0sTag}`,
        command: ['k0s', 'controller', ...controllerFlags(plane)],
        // The name of the server of NATS: the one thing in which pods differ.
        ...(hasNats(spec)
          ? { env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }
          : {}),
        ports: [
          { name: 'api', containerPort: spec.service.apiPort, protocol: 'TCP' },
          { name: 'konnectivity', containerPort: spec.service.konnectivityPort, protocol: 'TCP' },
        ],
        ...(spec.resources ? { resources: spec.resources } : {}),
        securityContext: confined(k0sCapabilities(plane)),
        volumeMounts: mounts,
        ...probes(plane),
      },
      ...monitoringParts(plane).containers,
    ],
    volumes,
  };
}

/** The user's flags, and ours where the user's do not say the same thing. */
function controllerFlags({ spec }: HostedPlane): readonly string[] {
  const given = spec.controlPlaneFlags ?? [];
  const says = (flag: string): boolean => given.some((it) => it === flag || it.startsWith(`${flag}=`));
  return [
    ...given,
    ...(says('--config') ? [] : [`--config=${configFolder}/k0s.yaml`]),
    ...(says('--enable-dynamic-config') ? [] : ['--enable-dynamic-config=true']),
    // Pods find the API at a proxy on their node then, and k0s would put the ingress there.
    ...(spec.ingress ? ['--disable-components=endpoint-reconciler'] : []),
  ];
}

/**
 * A pod has started when its own API server says that it is ready, storage included. kubelet cannot ask that itself, since
 * k0s refuses anonymous requests, and each question costs a third of a second of CPU: from then on the open port is enough,
 * and our service asks the API. k0s restarts its components by itself; only when k0s hangs its container is restarted.
 */
const probes = ({ spec }: HostedPlane): JsonObject => ({
  startupProbe: {
    exec: { command: ['k0s', 'kubectl', 'get', '--raw=/readyz'] },
    periodSeconds: 5,
    timeoutSeconds: 10,
    failureThreshold: 120,
  },
  readinessProbe: { tcpSocket: { port: spec.service.apiPort }, periodSeconds: 5, failureThreshold: 3 },
  livenessProbe: { exec: { command: ['k0s', 'status'] }, periodSeconds: 60, timeoutSeconds: 30, failureThreshold: 5 },
});
