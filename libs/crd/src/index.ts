export { coreTypeSchema, ownFieldsOf } from './core-types.ts';
export { cutCoreType, volumeSourceOf } from './cut-core-type.ts';
export {
  defineKind,
  storageVersion,
  type Column,
  type KindDeclaration,
  type KindInput,
  type VersionDeclaration,
  type VersionInput,
} from './define-kind.ts';
export {
  atomicObject,
  celRule,
  celRules,
  coreType,
  dateTime,
  listMap,
  notEmpty,
  preserveUnknown,
  quantity,
  typeName,
  withCoreFields,
  z,
  type Field,
} from './fields.ts';
export { pluralOf } from './pluralize.ts';
export { structuralProblems } from './structural-problems.ts';
export type { CelRule, StructuralSchema } from './structural-schema.ts';
export { toClusterRole, type ClusterRole, type PermissionLike } from './to-cluster-role.ts';
export { toCrd, withConversionWebhook, type ConversionClientConfig, type CrdManifest } from './to-crd.ts';
export { toMarkdown } from './to-markdown.ts';
export { toStructural, withoutMarks } from './to-structural.ts';
export { TypeWriter } from './to-typescript.ts';
