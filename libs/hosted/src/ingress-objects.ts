import { ingressManifests, konnectivityManifests } from './ingress-manifests.ts';
import type { JsonObject } from './json.ts';
import { namesOf } from './names.ts';
import { hostedObject } from './object-meta.ts';
import type { HostedObject, HostedPlane, HostedWorld } from './plane.ts';
import { agentFollowsIngress, haproxySecret } from './workload-ingress.ts';

/**
 * The Ingress of a plane, unless it is the user's to make, and what workers need behind one: manifests that k0s applies to the
 * workload cluster. None for planes that are reached without an ingress.
 */
export function ingressObjects(plane: HostedPlane, { ingressCertificate }: HostedWorld): readonly HostedObject[] {
  const { ingress } = plane.spec;
  if (!ingress || !ingressCertificate) return [];
  const names = namesOf(plane);
  const head = { name: names.ingress, group: 'cluster', component: 'ingress' } as const;
  return [
    ...(ingress.deploy ? [ingressObject(plane, ingress)] : []),
    hostedObject(plane, { ...head, kind: 'ConfigMap' }, { data: texts(ingressManifests(plane, ingressCertificate)) }),
    hostedObject(
      plane,
      { ...head, kind: 'Secret', name: names.ingressCertificate },
      { type: 'Opaque', stringData: texts({ 'haproxy-certificate': haproxySecret(ingressCertificate) }) },
    ),
    ...(agentFollowsIngress(plane)
      ? []
      : [
          hostedObject(
            plane,
            { ...head, kind: 'ConfigMap', name: names.ingressKonnectivity },
            { data: texts(konnectivityManifests(plane)) },
          ),
        ]),
  ];
}

/** Two hosts, one for each port of the Service; there is no TLS section, since whoever stands there must pass TLS through. */
function ingressObject(plane: HostedPlane, ingress: NonNullable<HostedPlane['spec']['ingress']>): HostedObject {
  const names = namesOf(plane);
  const { apiPort, konnectivityPort } = plane.spec.service;
  const rule = (host: string, port: number): JsonObject => ({
    host,
    http: {
      paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: names.service, port: { number: port } } } }],
    },
  });
  return hostedObject(
    plane,
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      name: names.controlPlane,
      group: 'cluster',
      component: 'ingress',
      ...(ingress.annotations && { annotations: ingress.annotations }),
    },
    {
      spec: {
        ...(ingress.className ? { ingressClassName: ingress.className } : {}),
        rules: [rule(ingress.apiHost, apiPort), rule(ingress.konnectivityHost, konnectivityPort)],
      },
    },
  );
}

/** Stacks of manifests that k0s finds in the pods of API servers. */
export function ingressStacks(
  plane: HostedPlane,
): readonly { readonly name: string; readonly [source: string]: unknown }[] {
  if (!plane.spec.ingress) return [];
  const names = namesOf(plane);
  const sources = [{ configMap: { name: names.ingress } }, { secret: { name: names.ingressCertificate } }];
  return [
    { name: 'ingress', projected: { sources } },
    // In the place of k0s's own agent, which would call the host of the API.
    ...(agentFollowsIngress(plane) ? [] : [{ name: 'konnectivity', configMap: { name: names.ingressKonnectivity } }]),
  ];
}

const texts = (manifests: Readonly<Record<string, JsonObject>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(manifests).map(([name, manifest]) => [`${name}.yaml`, JSON.stringify(manifest, undefined, 2)]),
  );
