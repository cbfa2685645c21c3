import { controllerPod } from './controller-pod.ts';
import { controllerVolumes } from './controller-volumes.ts';
import { intentHash } from './intent-hash.ts';
import type { JsonObject } from './json.ts';
import { hostedK0sConfig, restartingConfig } from './k0s-config.ts';
import { podLabels, selectorLabels } from './labels.ts';
import { namesOf } from './names.ts';
import { controlPlaneNetworkPolicy } from './network-policies.ts';
import { hostedObject } from './object-meta.ts';
import { disruptionBudget } from './placement.ts';
import type { HostedObject, HostedPlane, HostedWorld } from './plane.ts';

/** Objects of the API servers, in the order in which they are applied: what pods mount comes before the pods. */
export function controlPlaneObjects(plane: HostedPlane, world: HostedWorld): readonly HostedObject[] {
  const names = namesOf(plane);
  const config = hostedK0sConfig(plane, world);
  return [
    configObject(plane, world, config),
    ...endpointObjects(plane, world),
    disruptionBudget(plane, names.controlPlane, 'cluster', 'control-plane'),
    controlPlaneNetworkPolicy(plane),
    statefulSet(plane, world, config),
  ];
}

/** `k0s.yaml`; JSON is YAML. With the password of a database in it, it is a Secret. */
function configObject(plane: HostedPlane, { kineDataSource }: HostedWorld, config: JsonObject): HostedObject {
  const content = { 'k0s.yaml': JSON.stringify(config, undefined, 2) };
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
    data: { apiServerHost: externalAddress, apiServerPort: String(plane.spec.service.apiPort) },
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
        serviceName: names.controlPlane,
        selector: { matchLabels: selectorLabels(plane, 'cluster') },
        updateStrategy: { type: 'RollingUpdate' },
        template: {
          metadata: {
            labels: podLabels(plane, 'cluster'),
            annotations: {
              // k0s reads both at start only.
              'k0smotron.io/config-hash': intentHash(restartingConfig(config)),
              'k0smotron.io/certificates-hash': world.certificatesHash,
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
