import { annotations, labels, type K0sControlPlane } from '@k0smotron/api';
import { remediationForAnnotation } from '../names.ts';
import { deletionLimits } from './deletion-limits.ts';
import { labelValue } from './label-value.ts';
import type { Propagated } from './propagated.ts';
import { recordAnnotation } from './propagation-record.ts';

/** Annotations in which we or others keep what these objects are: the template has no say in them. */
const reserved: ReadonlySet<string> = new Set([
  recordAnnotation,
  annotations.clonedFromGroupKind,
  annotations.clonedFromName,
  annotations.joinFrom,
  annotations.k0sConfig,
  annotations.preTerminateHook,
  remediationForAnnotation,
]);

/** The labels by which a controller's objects are found; the template cannot change them. */
export const ownLabels = (plane: K0sControlPlane, cluster: string): Readonly<Record<string, string>> => ({
  [labels.clusterName]: cluster,
  [labels.controlPlane]: '',
  [labels.controlPlaneName]: labelValue(plane.metadata.name),
});

/** Labels and annotations of the template, for all three objects of a controller. */
export function templateMetadata({ spec }: K0sControlPlane) {
  const metadata = spec.machineTemplate.metadata;
  const own: readonly string[] = [labels.clusterName, labels.controlPlane, labels.controlPlaneName];
  return {
    labels: without(metadata?.labels, (key) => own.includes(key)),
    annotations: without(metadata?.annotations, (key) => reserved.has(key)),
  } satisfies Propagated;
}

/** What the template says of Machines beyond metadata. */
export function machineSettings({ spec: { machineTemplate } }: K0sControlPlane) {
  const readinessGates = machineTemplate.spec?.readinessGates;
  return {
    deletion: deletionLimits(machineTemplate),
    spec: { ...(readinessGates ? { readinessGates } : {}) },
  } satisfies Propagated;
}

/** Taints of the Nodes: core takes them with its feature gate MachineTaintPropagation, off in 1.13 and 1.14, and refuses them else. */
export function machineTaints({ spec: { machineTemplate } }: K0sControlPlane) {
  const taints = machineTemplate.spec?.taints;
  return { taints: { ...(taints && taints.length > 0 ? { taints } : {}) } } satisfies Propagated;
}

const without = (
  all: Readonly<Record<string, string>> = {},
  drop: (key: string) => boolean,
): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(all).filter(([key]) => !drop(key)));
