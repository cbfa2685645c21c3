import { CustomResourceDefinition, labels } from '@k0smotron/api';
import type { Kind } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';

/** A kind that nobody provides here; the message says what to install. */
export class MissingKindError extends Error {
  override readonly name = 'MissingKindError';
}

/** A reference of either Cluster API contract. */
export interface TemplateReference {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/** Kinds whose version was looked up once; CRDs change their contract labels only with an upgrade of their provider. */
const known = new Map<string, Kind>();

/**
 * The kind that a reference means, in the version that its CRD gives for the newest contract we speak.
 *
 * @throws MissingKindError naming the CRD when it is missing or carries no contract label.
 */
export async function infrastructureKind(
  kube: KubeClient,
  { group, kind }: Pick<TemplateReference, 'group' | 'kind'>,
  signal: AbortSignal,
): Promise<Kind> {
  const plural = pluralOf(kind);
  const name = `${plural}.${group}`;
  const before = known.get(name);
  if (before) return before;
  const crd = await kube.get(CustomResourceDefinition, { name }, signal);
  if (!crd) throw new MissingKindError(`CRD ${name} is not installed: install the infrastructure provider of ${kind}`);
  const label = crd.metadata.labels?.[labels.contractV1beta2] ?? crd.metadata.labels?.[labels.contractV1beta1];
  const version = label?.split('_').sort(byVersion).at(-1);
  if (!version)
    throw new MissingKindError(
      `CRD ${name} carries no label ${labels.contractV1beta2}: it is no Cluster API provider's`,
    );
  const found = { group, version, kind, plural, namespaced: true };
  known.set(name, found);
  return found;
}

/** Kubernetes' order for the few forms that provider versions have: v1 > v1beta2 > v1beta1 > v1alpha4. */
function byVersion(a: string, b: string): number {
  const rank = (text: string): number[] => {
    const [, major, stage, minor] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(text) ?? [];
    return [stage === undefined ? 2 : stage === 'beta' ? 1 : 0, Number(major ?? 0), Number(minor ?? 0)];
  };
  const [left, right] = [rank(a), rank(b)];
  return left.map((value, at) => value - (right[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

/** Cluster API computes CRD names by these rules and never by discovery. */
function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  if (/(s|x|z|ch|sh)$/.test(word)) return `${word}es`;
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
}
