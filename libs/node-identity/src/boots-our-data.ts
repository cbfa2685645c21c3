import { K0sControllerConfig, K0sWorkerConfig, type Machine } from '@k0smotron/api';

const ours: readonly string[] = [K0sControllerConfig.kind, K0sWorkerConfig.kind];

/** True for Machines that boot data of our bootstrap kinds. Decides which service names the Node, so that only one does. */
export const bootsOurData = ({ spec }: Machine): boolean => ours.includes(spec.bootstrap?.configRef?.kind ?? '');
