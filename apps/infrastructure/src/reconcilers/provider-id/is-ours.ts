import { RemoteMachine, type Machine } from '@k0smotron/api';
import { bootsOurData } from '@k0smotron/node-identity';

/**
 * True for Machines on RemoteMachines whose data a foreign bootstrap provider or a person made. Those that boot our data are
 * the bootstrap service's.
 */
export const isOurs = (machine: Machine): boolean =>
  machine.spec.infrastructureRef.kind === RemoteMachine.kind && !bootsOurData(machine);
