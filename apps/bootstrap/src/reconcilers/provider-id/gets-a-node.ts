import { K0sControllerConfig, K0sWorkerConfig, labels, type Machine } from '@k0smotron/api';

/** True for Machines that our data boots and that get a Node: workers, and controllers that also run a kubelet (SR-3). */
export function getsANode({ metadata, spec }: Machine): boolean {
  const kind = spec.bootstrap?.configRef?.kind;
  if (kind === K0sWorkerConfig.kind) return true;
  return kind === K0sControllerConfig.kind && metadata.labels?.[labels.controlPlaneWorkerEnabled] === 'true';
}
