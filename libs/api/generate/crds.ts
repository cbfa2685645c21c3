import { toCrd, type KindDeclaration } from '@k0smotron/crd';
import { dump } from 'js-yaml';
import type { GeneratedFolder } from './folders.ts';
import { yamlHeader } from './header.ts';

/** JSON as YAML: no anchors, no folded lines, keys in the order of the declaration. */
const toYaml = (value: unknown): string => dump(value, { noRefs: true, lineWidth: -1 });

/** The service that owns the kinds of a group: it converts them, and its package brings their CRDs. */
const owners: Readonly<Record<string, string>> = {
  'bootstrap.cluster.x-k8s.io': 'bootstrap',
  'controlplane.cluster.x-k8s.io': 'control-plane',
  'k0smotron.io': 'control-plane',
  'infrastructure.cluster.x-k8s.io': 'infrastructure',
  'etcd.k0smotron.io': 'etcd-snapshot',
};

/** Folders of CRD files, one per service: `<group>_<plural>.yaml` each, and a kustomization that names them. */
export function renderCrds(path: string, declarations: readonly KindDeclaration[]): GeneratedFolder[] {
  const byOwner = Map.groupBy(declarations, ({ kind, group }) => {
    const owner = owners[group];
    if (!owner) throw new Error(`${kind}: no service owns the group ${group}`);
    return owner;
  });
  return [...byOwner].map(([owner, owned]) => {
    const files = owned.map(
      (declaration) =>
        [`${declaration.group}_${declaration.plural}.yaml`, yamlHeader + toYaml(toCrd(declaration))] as const,
    );
    const resources = files.map(([name]) => name).toSorted();
    const kustomization = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources };
    return {
      path: `${path}/${owner}/crds`,
      files: new Map([...files, ['kustomization.yaml', yamlHeader + toYaml(kustomization)]]),
    };
  });
}
