import { controllerPod } from './controller-pod.ts';
import { controllerVolumes } from './controller-volumes.ts';
import { ingressObjects } from './ingress-objects.ts';
import { intentHash } from './intent-hash.ts';
import type { JsonObject } from './json.ts';
import { hostedK0sConfig, restartingConfig } from './k0s-config.ts';
import { podLabels, selectorLabels } from './labels.ts';
import { monitoringObjects, monitoringParts } from './monitoring-objects.ts';
import { namesOf } from './names.ts';
import { natsConfig, natsObjects } from './nats-objects.ts';
import { controlPlaneNetworkPolicy } from './network-policies.ts';
import { hostedObject } from './object-meta.ts';
import { disruptionBudget } from './placement.ts';
import type { HostedObject, HostedPlane, HostedWorld } from './plane.ts';
import { hasNats } from './replicas.ts';
import { telemetryObject } from './telemetry-object.ts';

/** Objects of the API servers, in the order in which they are applied: what pods mount comes before the pods. */
export function controlPlaneObjects(plane: HostedPlane, world: HostedWorld): readonly HostedObject[] {
  const names = namesOf(plane);
  const config = hostedK0sConfig(plane, world);
  return [
    configObject(plane, world, config),
    ...endpointObjects(plane, world),
    telemetryObject(plane),
    ...natsObjects(plane),
    ...ingressObjects(plane, world),
    ...monitoringObjects(plane),
    disruptionBudget(plane, names.controlPlane, 'cluster', 'control-plane'),
    controlPlaneNetworkPolicy(plane),
    statefulSet(plane, world, config),
  ];
}

/** `k0s.yaml`, which is JSON, and `nats.conf` for planes with NATS. With the password of a database in it, it is a Secret. */
function configObject(plane: HostedPlane, { kineDataSource }: HostedWorld, config: JsonObject): HostedObject {
  const nats = natsConfig(plane);
  const content = { 'k0s.yaml': JSON.stringify(config, undefined, 2), ...(nats && { 'nats.conf': nats }) };
  const secret = kineDataSource !== undefined;
  return hostedObject(
    plane,
    {
      kind: secret ? 'Secret' : 'ConfigMap',
      name: namesOf(plane).config,
      group: 'cluster',
      component: 'cluster-config',
    },
    secret ? { type: 'Opaque', stringData: content } : { data: content },
  );
}

/** A manifest that tells the workload cluster where its own API answers, once that is known. */
function endpointObjects(plane: HostedPlane, { externalAddress }: HostedWorld): readonly HostedObject[] {
  if (!externalAddress) return [];
  const manifest = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'control-plane-endpoint', namespace: 'kube-system' },
    data: {
      apiServerHost: externalAddress,
      apiServerPort: String(plane.spec.ingress?.port ?? plane.spec.service.apiPort),
    },
  };
  return [
    hostedObject(
      plane,
      { kind: 'ConfigMap', name: namesOf(plane).endpoint, group: 'cluster', component: 'control-plane' },
      { data: { 'endpoint.yaml': JSON.stringify(manifest, undefined, 2) } },
    ),
  ];
}

function statefulSet(plane: HostedPlane, world: HostedWorld, config: JsonObject): HostedObject {
  const names = namesOf(plane);
  const { claimTemplates } = controllerVolumes(plane, world);
  const { autoDeletePVCs } = plane.spec.persistence;
  return hostedObject(
    plane,
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      name: names.controlPlane,
      group: 'cluster',
      component: 'control-plane',
    },
    {
      spec: {
        replicas: world.replicas,
        // API servers share nothing but etcd, so a first start need not be one after another; updates still are.
        podManagementPolicy: 'Parallel',
        // Gives servers of NATS the names by which they find each other; API servers need none.
        serviceName: hasNats(plane.spec) ? names.nats : names.controlPlane,
        selector: { matchLabels: selectorLabels(plane, 'cluster') },
        updateStrategy: { type: 'RollingUpdate' },
        template: {
          metadata: {
            labels: podLabels(plane, 'cluster'),
            annotations: {
              // k0s reads both at start only.
              'k0smotron.io/config-hash': intentHash({ ...restartingConfig(config), nats: natsConfig(plane) }),
              'k0smotron.io/certificates-hash': world.certificatesHash,
              ...monitoringParts(plane).annotations,
            },
          },
          spec: controllerPod(plane, world),
        },
        ...(claimTemplates.length > 0
          ? {
              volumeClaimTemplates: claimTemplates,
              persistentVolumeClaimRetentionPolicy: {
                whenDeleted: autoDeletePVCs ? 'Delete' : 'Retain',
                whenScaled: 'Retain',
              },
            }
          : {}),
      },
    },
  );
}
