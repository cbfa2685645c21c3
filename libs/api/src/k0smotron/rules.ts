import type { CelRule } from '@k0smotron/crd';

/** k0s v1.34.0 does not work behind an ingress. */
export const ingressNeedsFix: CelRule = {
  rule: "!has(self.ingress) || !has(self.version) || !self.version.matches('^v?1[.]34([.]0)?($|[+-])')",
  message: 'k0s v1.34.0 does not work behind an ingress: write v1.34.1+k0s.0 or later',
};

/** How konnectivity goes through an ingress depends on the version, and nothing defaults it here. */
export const versionBehindIngress: CelRule = {
  rule: '!has(self.ingress) || has(self.version)',
  message: 'spec.ingress needs spec.version: write for example v1.34.4+k0s.0',
};

/** The embedded NATS cannot gain or lose servers (v1beta2). */
export const natsKeepsReplicas: CelRule = {
  rule: "!has(self.storage) || self.storage.type != 'nats' || self.replicas == oldSelf.replicas",
  message: 'storage of type nats cannot be scaled: write replicas as it was',
};

/** Volumes of a type need what the type is about. */
export const persistenceComplete: readonly CelRule[] = [
  {
    rule: "self.type != 'pvc' || has(self.persistentVolumeClaim)",
    message: 'persistence of type pvc needs a claim: write persistence.persistentVolumeClaim',
  },
  {
    rule: "self.type != 'hostPath' || has(self.hostPath)",
    message: 'persistence of type hostPath needs a folder: write persistence.hostPath',
  },
];
