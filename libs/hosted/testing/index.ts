import type { HostedPlane, HostedWorld } from '../src/plane.ts';

/** A plane as the API server stores one that says nothing but its name: all defaults are there. */
export function aPlane({ spec, ...rest }: Partial<HostedPlane> = {}): HostedPlane {
  return {
    namespace: 'tenant',
    name: 'blue',
    ...rest,
    spec: {
      replicas: 1,
      image: 'quay.io/k0sproject/k0s',
      version: 'v1.34.4+k0s.0',
      service: { type: 'ClusterIP', apiPort: 30443, konnectivityPort: 30132 },
      persistence: { type: 'emptyDir', autoDeletePVCs: false },
      storage: {
        type: 'etcd',
        etcd: { image: 'quay.io/k0sproject/etcd:v3.6.8', persistence: { size: '1Gi' }, autoDeletePVCs: false },
      },
      ...spec,
    },
  };
}

/** What is known of a plane with one member of etcd that has settled. */
export const aWorld = (world: Partial<HostedWorld> = {}): HostedWorld => ({
  k0sTag: 'v1.34.4-k0s.0',
  externalAddress: '192.0.2.10',
  serviceAddresses: ['10.96.0.7'],
  etcd: { ordinals: [0], phase: 'settled', replicas: 1 },
  replicas: 1,
  certificatesHash: 'c1',
  etcdCertificatesHash: 'e1',
  ...world,
});
