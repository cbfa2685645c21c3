import type { EtcdSpec } from '@k0smotron/api';
import { etcdDefrag } from './etcd-defrag.ts';
import { etcdData, etcdPod } from './etcd-pod.ts';
import type { JsonObject } from './json.ts';
import { podLabels, selectorLabels } from './labels.ts';
import { namesOf } from './names.ts';
import { etcdNetworkPolicy } from './network-policies.ts';
import { hostedObject, type ObjectHead } from './object-meta.ts';
import { disruptionBudget } from './placement.ts';
import type { HostedEtcd, HostedObject, HostedPlane, HostedWorld } from './plane.ts';

/**
 * Objects of the plane's etcd, in the order in which they are applied; none when its state is kept elsewhere. The ConfigMap of
 * members comes before the StatefulSet, so that a new pod finds itself named in it.
 */
export function etcdObjects(plane: HostedPlane, { etcd, etcdCertificatesHash }: HostedWorld): readonly HostedObject[] {
  if (!etcd) return [];
  return [
    headlessService(plane),
    ...(etcd.services ?? []).map((ordinal) => memberService(plane, ordinal)),
    membersConfig(plane, etcd),
    disruptionBudget(plane, namesOf(plane).etcd, 'etcd', 'etcd'),
    etcdNetworkPolicy(plane),
    statefulSet(plane, etcd, etcdCertificatesHash),
    ...etcdDefrag(plane),
  ];
}

const head = (kind: string, name: string, apiVersion = 'v1'): ObjectHead => ({
  apiVersion,
  kind,
  name,
  group: 'etcd',
  component: 'etcd',
});

/** Gives each member a name, ready or not: members must find each other before any of them is ready. */
const headlessService = (plane: HostedPlane): HostedObject =>
  hostedObject(plane, head('Service', namesOf(plane).etcd), {
    spec: {
      type: 'ClusterIP',
      clusterIP: 'None',
      ipFamilyPolicy: 'PreferDualStack',
      publishNotReadyAddresses: true,
      selector: selectorLabels(plane, 'etcd'),
      ports: [
        { name: 'client', protocol: 'TCP', port: 2379, targetPort: 2379 },
        { name: 'peer', protocol: 'TCP', port: 2380, targetPort: 2380 },
      ],
    },
  });

/**
 * A name and an address that a member has before there is a pod: its peers ask for it as soon as it is added, and DNS
 * remembers for half a minute that there was nothing.
 */
const memberService = (plane: HostedPlane, ordinal: number): HostedObject => {
  const name = namesOf(plane).etcdMember(ordinal);
  return hostedObject(plane, head('Service', name), {
    spec: {
      type: 'ClusterIP',
      ipFamilyPolicy: 'PreferDualStack',
      publishNotReadyAddresses: true,
      selector: { ...selectorLabels(plane, 'etcd'), 'statefulset.kubernetes.io/pod-name': name },
      ports: [{ name: 'peer', protocol: 'TCP', port: 2380, targetPort: 2380 }],
    },
  });
};

/**
 * What a member that has no data yet begins with; one that has data does not read it. Once nobody is joining, nobody is
 * named: a member that lost its data then refuses to start, instead of voting on what it no longer knows or, alone, of being
 * a new, empty etcd.
 */
function membersConfig(plane: HostedPlane, { ordinals, phase, peerUrls = {} }: HostedEtcd): HostedObject {
  const names = namesOf(plane);
  const members = ordinals.map(
    (it) => `${names.etcdMember(it)}=${peerUrls[it] ?? `https://${names.etcdHost(it)}:2380`}`,
  );
  const data = {
    ETCD_INITIAL_CLUSTER: phase === 'settled' ? '' : members.join(','),
    ETCD_INITIAL_CLUSTER_STATE: phase === 'beginning' ? 'new' : 'existing',
    ...peersByAuthority(plane.spec.storage.etcd),
  };
  return hostedObject(plane, head('ConfigMap', names.etcdMembers), { data });
}

/**
 * A peer is who has a certificate of the plane's own authority. By default etcd also looks its address up in DNS, which does
 * not know a new pod yet when that calls for the first time, and remembers so for half a minute: after each start of a member.
 * The setting has another name before etcd 3.6, which refuses to start with both; in this ConfigMap it restarts nobody.
 */
function peersByAuthority({ image, args = [] }: EtcdSpec): Readonly<Record<string, string>> {
  if (args.some((arg) => arg.includes('peer-skip-client-san-verification'))) return {};
  const experimental = /:v?3\.[0-5]\./.test(image) ? 'EXPERIMENTAL_' : '';
  return { [`ETCD_${experimental}PEER_SKIP_CLIENT_SAN_VERIFICATION`]: 'true' };
}

function statefulSet(plane: HostedPlane, { replicas }: HostedEtcd, certificatesHash: string): HostedObject {
  const names = namesOf(plane);
  const { persistence, autoDeletePVCs } = plane.spec.storage.etcd;
  return hostedObject(plane, head('StatefulSet', names.etcd, 'apps/v1'), {
    spec: {
      replicas,
      // All members of a new etcd must start together, and only our plan says which one may be replaced when.
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'OnDelete' },
      serviceName: names.etcd,
      selector: { matchLabels: selectorLabels(plane, 'etcd') },
      template: {
        metadata: {
          labels: podLabels(plane, 'etcd'),
          annotations: { 'k0smotron.io/certificates-hash': certificatesHash },
        },
        spec: etcdPod(plane),
      },
      volumeClaimTemplates: [dataClaim(persistence)],
      // A member that leaves has its claim deleted by the plan, after etcd has forgotten it.
      persistentVolumeClaimRetentionPolicy: {
        whenDeleted: autoDeletePVCs ? 'Delete' : 'Retain',
        whenScaled: 'Retain',
      },
    },
  });
}

const dataClaim = ({ storageClass, size }: HostedPlane['spec']['storage']['etcd']['persistence']): JsonObject => ({
  metadata: { name: etcdData },
  spec: {
    accessModes: ['ReadWriteOnce'],
    ...(storageClass ? { storageClassName: storageClass } : {}),
    resources: { requests: { storage: String(size) } },
  },
});
