import type { Condition, Kind, KubeObject } from '@k0smotron/core';
import type { ContractReference, MachineAddress } from '../generated/kinds.ts';

const group = 'cluster.x-k8s.io';
const version = 'v1beta2';

/** Name and labels for objects that are made from a template. */
export interface TemplateMetadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The parts of Cluster API's Cluster that we read. */
export interface Cluster extends KubeObject {
  readonly spec: {
    readonly paused?: boolean;
    readonly clusterNetwork?: {
      readonly apiServerPort?: number;
      readonly services?: { readonly cidrBlocks?: readonly string[] };
      readonly pods?: { readonly cidrBlocks?: readonly string[] };
      readonly serviceDomain?: string;
    };
    readonly controlPlaneEndpoint?: { readonly host?: string; readonly port?: number };
    readonly controlPlaneRef?: ContractReference;
    readonly infrastructureRef?: ContractReference;
    readonly topology?: Readonly<Record<string, unknown>>;
  };
  readonly status?: {
    readonly initialization?: {
      readonly infrastructureProvisioned?: boolean;
      readonly controlPlaneInitialized?: boolean;
    };
    readonly failureDomains?: readonly { readonly name: string; readonly controlPlane?: boolean }[];
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
  };
}

/** Names {@link Cluster}. */
export const Cluster: Kind<Cluster> = { group, version, kind: 'Cluster', plural: 'clusters', namespaced: true };

/** The parts of a Machine's spec that we read or write. */
export interface MachineSpec {
  readonly clusterName: string;
  readonly bootstrap: { readonly configRef?: ContractReference; readonly dataSecretName?: string };
  readonly infrastructureRef: ContractReference;
  readonly version?: string;
  readonly providerID?: string;
  readonly failureDomain?: string;
  readonly minReadySeconds?: number;
  readonly readinessGates?: readonly { readonly conditionType: string; readonly polarity?: 'Positive' | 'Negative' }[];
  readonly deletion?: {
    readonly nodeDrainTimeoutSeconds?: number;
    readonly nodeVolumeDetachTimeoutSeconds?: number;
    readonly nodeDeletionTimeoutSeconds?: number;
  };
  readonly taints?: readonly Readonly<Record<string, string>>[];
}

/** The parts of Cluster API's Machine that we read or write. */
export interface Machine extends KubeObject {
  readonly spec: MachineSpec;
  readonly status?: {
    readonly initialization?: {
      readonly infrastructureProvisioned?: boolean;
      readonly bootstrapDataSecretCreated?: boolean;
    };
    readonly nodeRef?: { readonly name: string };
    readonly nodeInfo?: { readonly kubeletVersion?: string };
    readonly addresses?: readonly MachineAddress[];
    readonly failureDomain?: string;
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
  };
}

/** Names {@link Machine}. */
export const Machine: Kind<Machine> = { group, version, kind: 'Machine', plural: 'machines', namespaced: true };

/** What MachineSet and MachineDeployment have in common. */
export interface MachineSetSpec {
  readonly clusterName: string;
  readonly replicas?: number;
  readonly selector: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly template: { readonly metadata?: TemplateMetadata; readonly spec: MachineSpec };
}

/** Counters that both report. */
export interface MachineSetStatus {
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly upToDateReplicas?: number;
  readonly selector?: string;
  readonly phase?: string;
  readonly conditions?: readonly Condition[];
}

/** The parts of Cluster API's MachineSet that we read. */
export interface MachineSet extends KubeObject {
  readonly spec: MachineSetSpec;
  readonly status?: MachineSetStatus;
}

/** Names {@link MachineSet}. */
export const MachineSet: Kind<MachineSet> = {
  group,
  version,
  kind: 'MachineSet',
  plural: 'machinesets',
  namespaced: true,
};

/** The parts of Cluster API's MachineDeployment that we read. */
export interface MachineDeployment extends KubeObject {
  readonly spec: MachineSetSpec;
  readonly status?: MachineSetStatus;
}

/** Names {@link MachineDeployment}. */
export const MachineDeployment: Kind<MachineDeployment> = {
  group,
  version,
  kind: 'MachineDeployment',
  plural: 'machinedeployments',
  namespaced: true,
};
