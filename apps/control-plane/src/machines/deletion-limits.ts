import type { K0sControlPlane } from '@k0smotron/api';

type MachineTemplate = K0sControlPlane['spec']['machineTemplate'];

/** `spec.deletion` of Machines, in seconds, from either contract's place: v1beta2's numbers, else v1beta1's durations. */
export function deletionLimits(template: MachineTemplate): Readonly<Record<string, number>> {
  const { deletion } = template.spec ?? {};
  const limits = {
    nodeDrainTimeoutSeconds: deletion?.nodeDrainTimeoutSeconds ?? seconds(template.nodeDrainTimeout),
    nodeVolumeDetachTimeoutSeconds:
      deletion?.nodeVolumeDetachTimeoutSeconds ?? seconds(template.nodeVolumeDetachTimeout),
    nodeDeletionTimeoutSeconds: deletion?.nodeDeletionTimeoutSeconds ?? seconds(template.nodeDeletionTimeout),
  };
  return Object.fromEntries(
    Object.entries(limits).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}

const unitSeconds: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };

/** A Go duration such as `1h30m` in whole seconds, rounded up, since 0 would mean no limit; undefined for other texts. */
function seconds(duration: string | undefined): number | undefined {
  if (duration === '0') return 0;
  const parts = [...(duration ?? '').matchAll(/(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== duration) return undefined;
  return Math.ceil(parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitSeconds[unit ?? ''] ?? 0), 0));
}
