import type { HostedPlane } from './plane.ts';

/** Fields of the spec that are set, stored, and have no effect yet; for the condition `NotSupported`, which names them. */
export const unsupportedFields = ({ spec }: HostedPlane): readonly string[] =>
  spec.remoteHostCluster ? ['spec.remoteHostCluster'] : [];
