import type { Condition, Kind, KubeObject } from '@k0smotron/core';

/** A k0s controller's etcd member, in the workload cluster; its name is the controller's node name. */
export interface EtcdMember extends KubeObject {
  readonly spec?: { readonly leave?: boolean };
  readonly status?: {
    readonly peerAddress?: string;
    readonly memberID?: string;
    readonly reconcileStatus?: string;
    readonly message?: string;
    readonly conditions?: readonly (Omit<Condition, 'reason'> & { readonly reason?: string })[];
  };
}

/** Names {@link EtcdMember}. */
export const EtcdMember: Kind<EtcdMember> = {
  group: 'etcd.k0sproject.io',
  version: 'v1beta1',
  kind: 'EtcdMember',
  plural: 'etcdmembers',
  namespaced: false,
};

/** A k0s controller as Autopilot sees it. */
export interface ControlNode extends KubeObject {
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    /** What runs, as k0s spells it; told anew at each start. */
    readonly k0sVersion?: string;
  };
}

/** Names {@link ControlNode}. */
export const ControlNode: Kind<ControlNode> = {
  group: 'autopilot.k0sproject.io',
  version: 'v1beta2',
  kind: 'ControlNode',
  plural: 'controlnodes',
  namespaced: false,
};

/** The dynamic configuration of k0s, `kube-system/k0s`. */
export interface ClusterConfig extends KubeObject {
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** Names {@link ClusterConfig}. */
export const ClusterConfig: Kind<ClusterConfig> = {
  group: 'k0s.k0sproject.io',
  version: 'v1beta1',
  kind: 'ClusterConfig',
  plural: 'clusterconfigs',
  namespaced: true,
};

/** Where one Autopilot command stands. */
export interface PlanCommandStatus {
  readonly id?: number;
  readonly state?: string;
  readonly description?: string;
  readonly k0supdate?: Readonly<
    Partial<
      Record<
        'controllers' | 'workers',
        readonly { readonly name: string; readonly state?: string; readonly description?: string }[]
      >
    >
  >;
}

/** An update plan of k0s Autopilot. */
export interface Plan extends KubeObject {
  readonly spec: {
    readonly id: string;
    readonly timestamp: string;
    readonly commands: readonly Readonly<Record<string, unknown>>[];
  };
  readonly status?: { readonly state?: string; readonly commands?: readonly PlanCommandStatus[] };
}

/** Names {@link Plan}. */
export const Plan: Kind<Plan> = {
  group: 'autopilot.k0sproject.io',
  version: 'v1beta2',
  kind: 'Plan',
  plural: 'plans',
  namespaced: false,
};
