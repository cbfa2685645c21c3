export { chooseDomain, chooseVictim } from './choose.ts';
export { changeFor, type Change, type Differences } from './classify.ts';
export {
  holdsData,
  type ControlPlaneMachine,
  type DesiredControlPlane,
  type Move,
  type ObservedControlPlane,
} from './control-plane.ts';
export {
  isVoter,
  memberOf,
  nameOf,
  unknownEtcd,
  type EtcdAlarmView,
  type EtcdMemberView,
  type EtcdView,
  type MemberIdentity,
} from './etcd-view.ts';
export { gateAddition, gateRemoval, quorumOf, type RemovalIntent, type Verdict } from './gate.ts';
export { machineName, nextMachine, type MachineNaming, type NextMachine } from './machine-name.ts';
export { planControlPlane } from './plan-control-plane.ts';
export { planDeparture, type Departure } from './plan-departure.ts';
export { planRemediation, type Remediation } from './plan-remediation.ts';
export type { RemediationPolicy, RemediationRecord } from './remediation.ts';
