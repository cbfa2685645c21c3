export {
  bootstrapDataReady,
  tokenMinted,
  tokenRevoked,
  type BootstrapDataReady,
  type TokenMinted,
  type TokenRevoked,
} from './bootstrap.ts';
export {
  controlPlaneAvailable,
  controlPlaneInitialised,
  controlPlaneScaled,
  type ControlPlaneAvailable,
  type ControlPlaneInitialised,
  type ControlPlaneScaled,
} from './control-plane.ts';
export { defineFact, typeFor, type FactConstructor, type FactDefinition } from './define-fact.ts';
export { factId } from './fact-id.ts';
export { factObject } from './fact-object.ts';
export { parseFact } from './parse-fact.ts';
export type { Fact, FactClass, FactObject, FactPayload, NamedObject, Service } from './fact.ts';
export {
  machineFailed,
  machineProvisioned,
  machineReleased,
  machineReserved,
  type MachineFailed,
  type MachineProvisioned,
  type MachineReleased,
  type MachineReserved,
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
