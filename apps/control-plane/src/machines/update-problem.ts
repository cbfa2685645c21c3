import { parseVersion, skewFindings, versionFindings } from '@k0smotron/k0s';
import type { ControlPlaneScope } from '../reconcilers/k0s-control-plane/scope.ts';
import { hasBooted } from './has-booted.ts';

/** Kubelets may be so many minor versions older than the API servers that they talk to (Kubernetes' version skew policy). */
const kubeletLag = 3;

/**
 * Why no controller of the wanted version may be made or updated now, with the version that may come next (CP-08). Admission
 * has refused it already where it was asked; what runs decides here.
 */
export function updateProblem({
  plane,
  controllers,
  workers,
}: Pick<ControlPlaneScope, 'plane' | 'controllers' | 'workers'>): string | undefined {
  const wanted = plane.spec.version;
  const running = controllers.filter(hasBooted).flatMap(({ machine }) => machine.spec.version ?? []);
  const [skew] = skewFindings(wanted, { versions: running.map((version) => ({ version })) }, 'spec.version');
  if (skew) return skew.message;
  const next = minorOf(wanted);
  const oldest = workers
    .flatMap(({ metadata, spec }) => {
      const minor = minorOf(spec.version);
      return minor === undefined ? [] : [{ name: metadata.name, version: spec.version, minor }];
    })
    .sort((a, b) => a.minor - b.minor || a.name.localeCompare(b.name, 'en'))[0];
  if (!oldest || next === undefined || oldest.minor >= next - kubeletLag) return undefined;
  return `worker ${oldest.name} runs ${oldest.version}, for which v1.${oldest.minor + kubeletLag} is the newest control plane: update it first`;
}

function minorOf(version: string | undefined): number | undefined {
  return version && versionFindings(version, '').length === 0 ? parseVersion(version).minor : undefined;
}
