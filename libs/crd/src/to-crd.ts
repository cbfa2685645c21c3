import type { Column, KindDeclaration, VersionDeclaration } from './define-kind.ts';
import type { StructuralSchema } from './structural-schema.ts';
import { withoutMarks } from './to-structural.ts';

/** A CustomResourceDefinition as plain JSON. */
export interface CrdManifest {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>> & { readonly names: Readonly<Record<string, unknown>> };
}

/** Where the API server sends conversion reviews. */
export interface ConversionClientConfig {
  readonly url?: string;
  readonly service?: {
    readonly namespace: string;
    readonly name: string;
    readonly path?: string;
    readonly port?: number;
  };
  /** Base64 of the PEM bundle; left out where cert-manager injects it. */
  readonly caBundle?: string;
}

const typeMeta: Readonly<Record<string, StructuralSchema>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: 'object' },
};

const toColumn = ({ name, path, type = 'string', priority, description }: Column) => ({
  name,
  type,
  jsonPath: path,
  ...(priority !== undefined && { priority }),
  ...(description !== undefined && { description }),
});

const scale = {
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.status.selector',
};

function toVersion(version: VersionDeclaration, summary: string) {
  const { name, served, storage, deprecationWarning, spec, status, columns = [], statusSubresource } = version;
  const subresources = { ...(statusSubresource && { status: {} }), ...(version.scale && { scale }) };
  const openAPIV3Schema: StructuralSchema = {
    description: summary,
    type: 'object',
    ...(version.specRequired && { required: ['spec'] }),
    properties: { ...typeMeta, spec: withoutMarks(spec), ...(status && { status: withoutMarks(status) }) },
  };
  return {
    name,
    served,
    storage,
    ...(deprecationWarning !== undefined && { deprecated: true, deprecationWarning }),
    schema: { openAPIV3Schema },
    ...(columns.length > 0 && { additionalPrinterColumns: columns.map(toColumn) }),
    ...(Object.keys(subresources).length > 0 && { subresources }),
  };
}

/** The CRD of a kind. Without conversion stanza: deployments and tests add theirs with {@link withConversionWebhook}. */
export function toCrd({
  group,
  kind,
  plural,
  shortNames,
  categories,
  scope,
  labels,
  summary,
  versions,
}: KindDeclaration): CrdManifest {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, ...(labels && { labels }) },
    spec: {
      group,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        ...(shortNames && { shortNames }),
        ...(categories && { categories }),
      },
      scope,
      versions: versions.map((version) => toVersion(version, summary)),
    },
  };
}

/** The CRD with conversion by webhook. Reviews are asked for in v1 only. */
export function withConversionWebhook(crd: CrdManifest, clientConfig: ConversionClientConfig): CrdManifest {
  const conversion = { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } };
  return { ...crd, spec: { ...crd.spec, conversion } };
}
