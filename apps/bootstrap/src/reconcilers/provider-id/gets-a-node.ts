import { K0sWorkerConfig, labels, type Machine } from '@k0smotron/api';
import { bootsOurData } from '@k0smotron/node-identity';

/** True for Machines that our data boots and that get a Node: workers, and controllers that also run a kubelet (SR-3). */
export function getsANode(machine: Machine): boolean {
  if (!bootsOurData(machine)) return false;
  const { metadata, spec } = machine;
  if (spec.bootstrap?.configRef?.kind === K0sWorkerConfig.kind) return true;
  return metadata.labels?.[labels.controlPlaneWorkerEnabled] === 'true';
}
