export { certificateCopies, type CertificatePairs } from './certificate-copies.ts';
export { controlPlaneObjects } from './control-plane-objects.ts';
export { etcdIntent } from './etcd-intent.ts';
export type { EtcdGate, EtcdMove, GateVerdict, ObservedEtcd, SeenEtcd, SeenEtcdPod, SeenMember } from './etcd-move.ts';
export { etcdObjects } from './etcd-objects.ts';
export { hostingClaimObject } from './hosting-claim.ts';
export { intentHash } from './intent-hash.ts';
export { hostedK0sConfig } from './k0s-config.ts';
export { podLabels, selectorLabels, type PodGroup } from './labels.ts';
export { isMonitored } from './monitoring-objects.ts';
export { namesOf, type CertificateType, type HostedNames, type LeafType } from './names.ts';
export { applyPatches } from './patches.ts';
export { planEtcd } from './plan-etcd.ts';
export { bytesOf, planVolumes, type SeenVolumeClaim, type VolumesMove } from './plan-volumes.ts';
export type {
  HostedComponent,
  HostedEtcd,
  HostedObject,
  HostedPlane,
  HostedWorld,
  IngressCertificate,
} from './plane.ts';
export { controlPlaneReplicas, etcdReplicas, hasEtcd, hasNats } from './replicas.ts';
export { serviceObjects } from './service-objects.ts';
export { storageProblem } from './storage-problem.ts';
export { haproxyNames } from './workload-ingress.ts';
