import type { Manifest } from '../cluster/manifests.ts';

const groups = {
  Cluster: 'k0smotron.io',
  JoinTokenRequest: 'k0smotron.io',
  K0sWorkerConfig: 'bootstrap.cluster.x-k8s.io',
  K0sWorkerConfigTemplate: 'bootstrap.cluster.x-k8s.io',
  K0sControlPlane: 'controlplane.cluster.x-k8s.io',
  K0smotronControlPlane: 'controlplane.cluster.x-k8s.io',
  K0smotronControlPlaneTemplate: 'controlplane.cluster.x-k8s.io',
  RemoteCluster: 'infrastructure.cluster.x-k8s.io',
  RemoteMachine: 'infrastructure.cluster.x-k8s.io',
  RemoteMachineTemplate: 'infrastructure.cluster.x-k8s.io',
  PooledRemoteMachine: 'infrastructure.cluster.x-k8s.io',
} as const;

/** A manifest that says in few fields what one that k0smotron publishes says. */
export interface Published {
  /** The file of k0smotron 2.1 (commit 3897bbe) that has these values, and a count where it has several. */
  readonly from: string;
  readonly manifest: Manifest;
}

/** Manifests of a kind: by file, the `spec` of each; v1beta2 unless the file's name begins with another version. */
export const published = (
  kind: keyof typeof groups,
  byFile: Readonly<Record<string, readonly (object | undefined)[]>>,
): readonly Published[] =>
  Object.entries(byFile).flatMap(([file, specs]) =>
    specs.map((spec, at) => {
      const [, version = 'v1beta2'] = /^(v1beta1) /.exec(file) ?? [];
      return {
        from: `${kind} ${file}${specs.length > 1 ? ` (${at + 1})` : ''}`,
        manifest: {
          apiVersion: `${groups[kind]}/${version}`,
          kind,
          metadata: { name: nameOf(`${kind}-${file}-${at}`), namespace: 'default' },
          ...(spec && { spec: spec as Record<string, unknown> }),
        },
      };
    }),
  );

const nameOf = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
