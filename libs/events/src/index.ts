export { auditGapFound, type AuditGapFound } from './audit.ts';
export {
  bootstrapDataReady,
  tokenMinted,
  tokenRevoked,
  type BootstrapDataReady,
  type TokenMinted,
  type TokenRevoked,
} from './bootstrap.ts';
export {
  emptyChain,
  endAfter,
  isSealed,
  keyIdOf,
  sealFact,
  type ChainEnd,
  type ChainSeal,
  type SealedFact,
  type Sealer,
} from './chain.ts';
export {
  certificateIssued,
  controlPlaneAvailable,
  controlPlaneInitialised,
  controllerAdded,
  controllerRemoved,
  joinTokenMinted,
  joinTokenRevoked,
  memberRemoved,
  type CertificateIssued,
  type ControlPlaneAvailable,
  type ControlPlaneInitialised,
  type ControllerChange,
  type MemberRemoved,
} from './control-plane.ts';
export { typeFor, type FactConstructor } from './define-fact.ts';
export { factObject } from './fact-object.ts';
export { parseFact } from './parse-fact.ts';
export type { Fact, FactClass, FactObject, FactPayload, NamedObject, Service } from './fact.ts';
export {
  machineFailed,
  machineProvisioned,
  machineReleased,
  machineReserved,
  remoteCommandRun,
  type MachineFailed,
  type MachineProvisioned,
  type MachineReleased,
  type MachineReserved,
  type RemoteCommandRun,
} from './infrastructure.ts';
export {
  allSubjects,
  escapeToken,
  parseSubject,
  subjectFilter,
  subjectFor,
  subjectRoot,
  unescapeToken,
  type SubjectParts,
} from './subject.ts';
export { verifyChain, type ChainProblem, type VerifyOptions } from './verify-chain.ts';
