import { shellQuote, type BootstrapPlan } from '@k0smotron/provision';
import type { AppendedPart, CleanUpRecord } from './clean-up-record.ts';

const sentinelPath = '/run/cluster-api/bootstrap-success.complete';

/** The commands that take k0s and everything of ours off a host, then look whether anything stayed. */
export function renderCleanUp(record: CleanUpRecord): BootstrapPlan {
  const commands = record.commands ?? (record.role === 'foreign' ? [] : undoK0s(record));
  return {
    files: [],
    commands: [...commands, ...record.appended.toReversed().map(cutOff), removeFiles([...record.files, sentinelPath])],
  };
}

/** What `k0s reset` of 1.34 to 1.36 leaves behind; folders only where they are empty, since others may use them too. */
const leftovers = {
  trees: ['/var/lib/kubelet', '/usr/libexec/k0s', '/run/nri', '/var/log/pods', '/var/log/containers'],
  files: ['/etc/k0s/containerd.toml', '/etc/k0s.token', '/etc/k0s.yaml', '/etc/k0s/k0s.yaml', '/etc/k0s/k0stoken'],
  emptyFolders: [
    '/etc/k0s/containerd.d',
    '/etc/k0s',
    '/opt/containerd/bin',
    '/opt/containerd/lib',
    '/opt/containerd',
    '/opt/cni/bin',
    '/opt/cni',
    '/etc/cni/net.d',
    '/etc/cni',
    '/var/lib/cni',
    '/run/netns',
  ],
};

function undoK0s(record: CleanUpRecord): string[] {
  const k0s = shellQuote(record.k0sPath ?? '/usr/local/bin/k0s');
  const dataDir = record.dataDir ?? '/var/lib/k0s';
  const kubeletDir = record.kubeletRootDir ?? '/var/lib/kubelet';
  const flags = [
    ...(record.dataDir ? ['--data-dir', shellQuote(record.dataDir)] : []),
    ...(record.kubeletRootDir ? ['--kubelet-root-dir', shellQuote(record.kubeletRootDir)] : []),
  ].join(' ');
  const service = `k0s${record.role}`;
  const trees = [...new Set([kubeletDir, ...leftovers.trees])].map(shellQuote).join(' ');
  return [
    `if [ -x ${k0s} ]; then ${k0s} stop || true; fi`,
    `if command -v systemctl >/dev/null 2>&1; then systemctl stop ${service} 2>/dev/null || true; ` +
      `elif command -v rc-service >/dev/null 2>&1; then rc-service ${service} stop || true; fi`,
    `if [ -x ${k0s} ]; then ${k0s} reset ${flags}; fi`,
    verify(service, dataDir, kubeletDir),
    `rm -rf ${trees}; rm -rf /var/lib/cni/networks /var/lib/cni/results /var/lib/cni/cache; ` +
      `rm -f ${leftovers.files.map(shellQuote).join(' ')}; ` +
      `rmdir ${leftovers.emptyFolders.map(shellQuote).join(' ')} 2>/dev/null || true`,
    ...(record.k0sDownloaded ? [`rm -f ${k0s} ${shellQuote(`${record.k0sPath}.download`)}`] : []),
  ];
}

/** A reset that ends well may have left a mount or a process; the host would not be clean, and must not look it. */
const verify = (service: string, dataDir: string, kubeletDir: string): string =>
  [
    'left=',
    `for dir in ${shellQuote(dataDir)} ${shellQuote(kubeletDir)}; do ` +
      `if grep -q " $dir[/ ]" /proc/mounts; then left="$left mounts below $dir;"; fi; done`,
    `if [ -n "$(ls -A ${shellQuote(dataDir)} 2>/dev/null)" ]; then left="$left files in ${dataDir};"; fi`,
    `if command -v systemctl >/dev/null 2>&1 && systemctl is-active -q ${service}; then left="$left service ${service};"; fi`,
    'if [ -n "$left" ]; then echo "still there:$left" >&2; exit 1; fi',
  ].join('\n');

/** Takes away what was added to a file, if it is still its end; a file that holds nothing else goes with it. */
function cutOff({ path, bytes, sha256 }: AppendedPart): string {
  const file = shellQuote(path);
  return [
    `f=${file}`,
    `if [ -f "$f" ] && [ "$(tail -c ${bytes} "$f" | sha256sum | cut -d ' ' -f 1)" = ${sha256} ]; then`,
    `size=$(($(wc -c <"$f") - ${bytes}))`,
    `if [ "$size" = 0 ]; then rm -f "$f"; else truncate -s "$size" "$f"; fi`,
    'fi',
    removeEmptyParents([path]),
  ].join('\n');
}

const removeFiles = (files: readonly string[]): string =>
  `rm -f ${files.map(shellQuote).join(' ')}\n${removeEmptyParents(files)}`;

/** Folders that a system has by itself are never removed, empty or not. */
const systemFolders =
  /^(\/[^/]+|\/etc\/(systemd|systemd\/system|default|sysctl\.d|modules-load\.d|profile\.d|cron\.d|sudoers\.d|apt|apt\/[^/]+|ssh|ssh\/[^/]+)|\/usr\/(local|lib|bin|sbin|share|libexec)|\/usr\/local\/[^/]+|\/usr\/lib\/systemd(\/.*)?|\/var\/(lib|log|cache|tmp|spool|run|opt)|\/home\/[^/]+|\/run\/lock)$/;

/** Folders that were made for our files, the deepest first; one that holds anything else stays. */
function removeEmptyParents(files: readonly string[]): string {
  const parents = new Set(files.flatMap(parentsOf).filter((folder) => !systemFolders.test(folder)));
  const deepestFirst = [...parents].sort((a, b) => b.split('/').length - a.split('/').length);
  return deepestFirst.length > 0 ? `rmdir ${deepestFirst.map(shellQuote).join(' ')} 2>/dev/null || true` : ':';
}

function parentsOf(path: string): string[] {
  const words = path.split('/').slice(0, -1);
  return words.map((_, at) => words.slice(0, at + 1).join('/')).filter((folder) => folder !== '');
}
