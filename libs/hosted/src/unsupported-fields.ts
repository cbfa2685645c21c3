import type { HostedPlane } from './plane.ts';

/** Fields of the spec that are set, stored, and have no effect yet; for the condition `NotSupported`, which names them. */
export function unsupportedFields({ spec }: HostedPlane): readonly string[] {
  const unsupported: Readonly<Record<string, boolean>> = {
    'spec.ingress': spec.ingress !== undefined,
    'spec.monitoring': spec.monitoring?.enabled === true,
    'spec.storage.type: nats': spec.storage.type === 'nats',
    'spec.storage.etcd.defragJob': spec.storage.type === 'etcd' && spec.storage.etcd.defragJob?.enabled === true,
  };
  return Object.keys(unsupported).filter((field) => unsupported[field]);
}
