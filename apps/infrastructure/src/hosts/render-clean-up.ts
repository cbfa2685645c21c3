import { renderCleanUp, shellQuote, type CleanUp } from '@k0smotron/provision';
import type { AppendedPart, CleanUpRecord } from './clean-up-record.ts';

const sentinelFolder = '/run/cluster-api';
const sentinelPath = `${sentinelFolder}/bootstrap-success.complete`;

/**
 * How a host is cleaned by its record, and how that is proven. Where the whole cluster goes, nobody is left whom a graceful
 * stop would help.
 */
export function renderHostCleanUp(record: CleanUpRecord, { clusterGoes }: { readonly clusterGoes: boolean }): CleanUp {
  const { role, k0sPath, dataDir, kubeletRootDir, k0sDownloaded, files, commands: custom } = record;
  const { plan, verify } = renderCleanUp({
    role: role === 'foreign' ? 'none' : role,
    removeK0s: k0sDownloaded,
    files: [...files, sentinelPath],
    stateDir: `/var/lib/k0smotron/${record.journal}`,
    ...(k0sPath ? { k0sPath } : {}),
    ...(dataDir ? { dataDir } : {}),
    ...(kubeletRootDir ? { kubeletRootDir } : {}),
    ...(custom ? { custom } : {}),
    ...(clusterGoes ? { graceSeconds: 0 } : {}),
  });
  const ranK0s = role !== 'foreign' && custom === undefined;
  const commands = [
    ...record.appended.toReversed().map(cutOff),
    ...plan.commands,
    ...(ranK0s ? [sweepLeftovers] : []),
    `rmdir ${sentinelFolder} 2>/dev/null || true`,
  ];
  return { plan: { ...plan, commands }, verify };
}

/**
 * What kubelet and containerd of k0s 1.34 to 1.36 leave outside of k0s's folders: only what they make anew by themselves, and
 * folders only while they are empty; nothing at all where another kubelet or containerd runs.
 */
const sweepLeftovers = `if ! grep -qsxE 'kubelet|containerd' /proc/[0-9]*/comm; then
  rm -f /run/nri/nri.sock /var/lib/kubelet/device-plugins/kubelet.sock
  rm -f /var/lib/kubelet/device-plugins/kubelet_internal_checkpoint /var/lib/kubelet/device-plugins/DEPRECATION
  rm -rf /var/lib/cni/networks /var/lib/cni/results /var/lib/cni/cache
  rmdir /run/nri /run/netns /var/lib/kubelet/device-plugins /var/lib/kubelet /var/lib/cni 2>/dev/null
  rmdir /opt/containerd/bin /opt/containerd/lib /opt/containerd /opt/cni/bin /opt/cni 2>/dev/null
fi
true`;

/** Takes away what was added to a file, if it is still its end; a file that holds nothing else goes with it. */
function cutOff({ path, bytes, sha256 }: AppendedPart): string {
  return [
    `f=${shellQuote(path)}`,
    `if [ -f "$f" ] && [ "$(tail -c ${bytes} "$f" | sha256sum | cut -d ' ' -f 1)" = ${sha256} ]; then`,
    `  size=$(($(wc -c <"$f") - ${bytes}))`,
    `  if [ "$size" = 0 ]; then rm -f "$f"; else truncate -s "$size" "$f"; fi`,
    'fi',
  ].join('\n');
}
