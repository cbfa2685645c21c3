import { renderCleanUp, shellQuote, type CleanUp } from '@k0smotron/provision';
import type { AppendedPart, CleanUpRecord } from './clean-up-record.ts';

const sentinelPath = '/run/cluster-api/bootstrap-success.complete';

/** How a host is cleaned by its record, and how that is proven. */
export function renderHostCleanUp(record: CleanUpRecord): CleanUp {
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
  });
  const commands = [...record.appended.toReversed().map(cutOff), ...plan.commands];
  return { plan: { ...plan, commands }, verify };
}

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
