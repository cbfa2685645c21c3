import { annotations } from '@k0smotron/api';
import { asObject } from './json.ts';
import { selectorLabels } from './labels.ts';
import { namesOf } from './names.ts';
import { hostedObject } from './object-meta.ts';
import type { HostedObject, HostedPlane } from './plane.ts';

/**
 * The Service where the API and konnectivity are reached. What v1beta1 could say of it, and v1beta2 cannot, is read from the
 * Cluster's annotations.
 */
export function serviceObjects(plane: HostedPlane): readonly HostedObject[] {
  const { type, apiPort, konnectivityPort } = plane.spec.service;
  const port = (name: string, number: number) => ({
    name,
    protocol: 'TCP',
    port: number,
    targetPort: number,
    ...(type === 'NodePort' ? { nodePort: number } : {}),
  });
  const dropped = droppedService(plane);
  const service = hostedObject(
    plane,
    {
      kind: 'Service',
      name: namesOf(plane).service,
      group: 'cluster',
      component: 'control-plane',
      annotations: dropped.annotations,
    },
    {
      spec: {
        type,
        // Both families where the cluster has both; one otherwise.
        ipFamilyPolicy: 'PreferDualStack',
        selector: selectorLabels(plane, 'cluster'),
        ports: [port('api', apiPort), port('konnectivity', konnectivityPort)],
        ...(type === 'LoadBalancer' ? dropped.loadBalancer : {}),
        ...(type === 'ClusterIP' ? {} : dropped.external),
      },
    },
  );
  const { metadata } = service;
  return [{ ...service, metadata: { ...metadata, labels: { ...dropped.labels, ...metadata.labels } } }];
}

function droppedService({ annotations: present = {} }: HostedPlane) {
  const keys = annotations.droppedService;
  const trafficPolicy = textIn(present[keys.externalTrafficPolicy]);
  const balancerClass = textIn(present[keys.loadBalancerClass]);
  return {
    labels: stringsIn(present[keys.labels]),
    annotations: stringsIn(present[keys.annotations]),
    external: trafficPolicy === undefined ? {} : { externalTrafficPolicy: trafficPolicy },
    loadBalancer: balancerClass === undefined ? {} : { loadBalancerClass: balancerClass },
  };
}

/** People can edit annotations: what does not parse says nothing, as in the original. */
function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textIn(text: string | undefined): string | undefined {
  const value = parsed(text);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const stringsIn = (text: string | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(asObject(parsed(text))).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
