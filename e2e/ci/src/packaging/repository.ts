import { componentsFile, labelOf, providerName, providers } from './provider.ts';

/** A release's version. */
export interface Version {
  /** As tags spell it, with the leading `v` (contract K-03). */
  readonly text: string;
  readonly major: number;
  readonly minor: number;
}

/** @throws Error for what is no semantic version with a leading `v`, or not above the original's 2.1 (SR-17). */
export function versionOf(text = ''): Version {
  const found = /^v(\d+)\.(\d+)\.\d+(-[\w.-]+)?$/.exec(text);
  if (!found) throw new Error(`'${text}' is no version: give one such as v2.2.0`);
  const [major, minor] = [Number(found[1]), Number(found[2])];
  if (major < 2 || (major === 2 && minor < 2))
    throw new Error(`${text} is not above 2.1, the last of the original: clusterctl could not upgrade from it`);
  return { text, major, minor };
}

/** Contracts of the original's releases, so that clusterctl can upgrade from them (contract K-01). */
const before = [
  { major: 0, minor: 9, contract: 'v1beta1' },
  ...Array.from({ length: 11 }, (_, minor) => ({ major: 1, minor, contract: 'v1beta1' })),
  { major: 2, minor: 0, contract: 'v1beta2' },
  { major: 2, minor: 1, contract: 'v1beta2' },
];
/** The first minor of ours in each major. */
const ours: Readonly<Record<number, number>> = { 2: 2 };

/** metadata.yaml: every minor up to this one, since clusterctl reads that of the newest release only (contract K-01). */
export function metadataOf({ major, minor }: Version): object {
  const first = ours[major] ?? 0;
  const series = Array.from({ length: minor - first + 1 }, (_, at) => ({
    major,
    minor: first + at,
    contract: 'v1beta2',
  }));
  return {
    apiVersion: 'clusterctl.cluster.x-k8s.io/v1alpha3',
    kind: 'Metadata',
    releaseSeries: [...before, ...series],
  };
}

/** clusterctl.yaml: the name is built into clusterctl and points at the original there, so all entries are overridden. */
export const clusterctlConfig = (repository: string, { text }: Version): object => ({
  providers: providers.map((provider) => ({
    name: providerName,
    type: provider.type,
    url: `file://${repository}/${labelOf(provider)}/${text}/${componentsFile(provider)}`,
  })),
});
