import type { BootstrapPlan } from '../plan.ts';
import { shellQuote } from '../shell-quote.ts';

/** What was put on a host and must go. */
export interface CleanUpInput {
  /** `none` for bootstrap data that is not ours: then only our files go. */
  readonly role: 'controller' | 'worker' | 'none';
  /** Path of the k0s binary; `/usr/local/bin/k0s` unless told. */
  readonly k0sPath?: string;
  /** True when we downloaded k0s, so that it is ours to delete. */
  readonly removeK0s?: boolean;
  /** `--data-dir` of the installation, when one was given. */
  readonly dataDir?: string;
  /** `--kubelet-root-dir` of the installation, when one was given. */
  readonly kubeletRootDir?: string;
  /** Files that the bootstrap wrote, tokens and sentinel included. */
  readonly files: readonly string[];
  /** The user's own commands; they replace what we would do about k0s. */
  readonly custom?: readonly string[];
  /** Folder of the bootstrap's journal, which knows the folders that were made. */
  readonly stateDir?: string;
  /**
   * How long k0s may take to stop before all its processes are killed; {@link defaultGraceSeconds} unless told. An API server
   * uses it to leave the endpoints of its Service. 0 where the whole cluster goes.
   */
  readonly graceSeconds?: number;
}

/** What a clean-up left behind. Anything here means that the host is dirty. */
export interface Leftover {
  readonly kind: 'path' | 'mount' | 'process';
  readonly what: string;
}

/** How a host is cleaned and how that is proven. */
export interface CleanUp {
  /** To be run as a journal with purpose `clean-up`. Tolerant: what counts is the proof. */
  readonly plan: BootstrapPlan;
  /** One command line for root that looks and changes nothing; {@link parseLeftovers} reads its output. */
  readonly verify: string;
}

/** Without quorum a graceful stop takes 35 s (seen with k0s 1.34.4), and all that it saves is deleted next. */
const defaultGraceSeconds = 3;
const defaultDataDir = '/var/lib/k0s';
const runDir = '/run/k0s';
/** Deleting these would delete the host. */
const forbidden = /^\/(?:[^/]+)?\/?$|^\/(?:var|usr)\/(?:lib|log|local|bin|sbin|run)\/?$|(?:^|\/)\.{1,2}(?:\/|$)/;

/** Renders the clean-up of one host. @throws when a folder to delete is a system folder or not absolute. */
export function renderCleanUp(input: CleanUpInput): CleanUp {
  const { role, k0sPath = '/usr/local/bin/k0s', dataDir = defaultDataDir, files, custom } = input;
  const { graceSeconds = defaultGraceSeconds } = input;
  const kubeletRootDir = input.kubeletRootDir ?? `${dataDir}/kubelet`;
  for (const dir of [dataDir, kubeletRootDir]) {
    if (!dir.startsWith('/') || forbidden.test(dir)) throw new Error(`${dir} must not be deleted`);
  }
  const k0sIsOurs = role !== 'none' && custom === undefined;
  const service = role === 'controller' ? 'k0scontroller' : 'k0sworker';
  const dirs = [dataDir, kubeletRootDir, runDir];
  const own = [...files, ...(input.removeK0s ? [k0sPath] : [])];

  const commands = [
    ...(custom ?? []).map((command) => tolerant(command)),
    ...(k0sIsOurs ? [stop(service, graceSeconds), reset(k0sPath, input), sweep(dirs), removeUnits(service)] : []),
    ...(own.length > 0 ? [`rm -f -- ${own.map((path) => shellQuote(path)).join(' ')}`] : []),
    ...(input.stateDir ? [removeEmptyFolders(input.stateDir)] : []),
  ];
  const paths = [...own, ...(k0sIsOurs ? [...unitFiles(service), ...dirs] : [])];
  return { plan: { files: [], commands }, verify: verification(paths, k0sIsOurs ? dirs : [], k0sPath) };
}

/** In a subshell, so that `exit` in it ends only it, and a failure is said and passed by. */
const tolerant = (command: string): string => `(\n${command}\n) || echo "ended with exit code $?, going on"`;

/** The kill reaches the whole control group: k0s starts its parts as children, and they would go on without it. */
const stop = (service: string, graceSeconds: number): string =>
  tolerant(`if [ -d /run/systemd/system ]; then
  ${graceSeconds > 0 ? `timeout ${graceSeconds} systemctl stop ${service} && exit 0` : `systemctl stop --no-block ${service}`}
  systemctl kill -s KILL ${service}
  systemctl stop ${service}
elif command -v rc-service >/dev/null 2>&1; then rc-service ${service} stop; rc-update delete ${service}
elif command -v service >/dev/null 2>&1; then service ${service} stop
fi`);

function reset(k0sPath: string, { dataDir, kubeletRootDir }: CleanUpInput): string {
  const flags = [
    ...(dataDir ? ['--data-dir', shellQuote(dataDir)] : []),
    ...(kubeletRootDir ? ['--kubelet-root-dir', shellQuote(kubeletRootDir)] : []),
  ].join(' ');
  return tolerant(`k0s=${shellQuote(k0sPath)}
[ -x "$k0s" ] || k0s=$(command -v k0s) || { echo 'there is no k0s to reset'; exit 0; }
"$k0s" reset ${flags}`);
}

/** Shell words that match everything below the folders. */
const below = (dirs: readonly string[]): string => dirs.map((dir) => `${shellQuote(dir)}/*`).join(' | ');

/** Lines `pid program` of processes that match, and of those in pods; two processes for all of /proc, not two for each. */
const ourProcesses = (programs: string): string => `{
  ls -l /proc/[0-9]*/exe 2>/dev/null | while read -r line; do
    pid=\${line%%/exe -> *}
    case \${line##* -> } in (${programs}) echo "\${pid##*/} \${line##* -> }" ;; esac
  done
  grep -l kubepods /proc/[0-9]*/cgroup 2>/dev/null | while read -r group; do
    pid=\${group%/cgroup}
    echo "\${pid##*/} in a pod"
  done
}`;

/** After a reset that failed half-way: end what runs from our folders, unmount, delete. A mount point itself stays, empty. */
const sweep = (dirs: readonly string[]): string =>
  tolerant(`killed=$(${ourProcesses(below(dirs))} | while read -r pid _; do kill -9 "$pid" 2>/dev/null && echo "$pid"; done)
[ -z "$killed" ] || sleep 1
for dir in ${dirs.map((dir) => shellQuote(dir)).join(' ')}; do
  while read -r _ mount _; do case $mount in "$dir"/*) echo "$mount" ;; esac; done </proc/mounts | sort -r |
    while read -r mount; do umount "$mount" 2>/dev/null || umount -l "$mount"; done
  if [ -d "$dir" ]; then find "$dir" -xdev -mindepth 1 -delete; rmdir "$dir" 2>/dev/null; fi
done
# What kubelet, containerd and CNI plugins keep outside of k0s's folders, and \`k0s reset\` leaves (seen with v1.34.4).
rm -rf /usr/libexec/k0s /var/log/pods /var/log/containers /var/lib/cni/networks /var/lib/cni/results /var/lib/cni/cache
rm -rf /var/lib/kubelet/device-plugins /var/lib/kubelet/pod-resources /var/lib/kubelet/plugins_registry
rmdir /var/lib/cni /var/lib/kubelet /opt/containerd/bin /opt/containerd/lib /opt/containerd 2>/dev/null
rm -f /etc/cni/net.d/10-kuberouter.conflist /etc/cni/net.d/10-calico.conflist /etc/cni/net.d/calico-kubeconfig
if command -v ip >/dev/null 2>&1; then
  for link in kube-bridge kube-ipvs0 vxlan.calico; do ip link delete "$link" 2>/dev/null; done
fi
true`);

const unitFiles = (service: string): string[] => [`/etc/systemd/system/${service}.service`, `/etc/init.d/${service}`];

const removeUnits = (service: string): string =>
  tolerant(`unit=/etc/systemd/system/${service}.service
if [ -d /run/systemd/system ] && { [ -e "$unit" ] || [ -e "$unit.d" ]; }; then
  systemctl disable ${service}
  rm -rf "$unit" "$unit.d"
  systemctl daemon-reload
fi
[ ! -d /run/systemd/system ] || systemctl reset-failed ${service} 2>/dev/null
rm -rf ${unitFiles(service).join(' ')} "$unit.d" /etc/conf.d/${service}
rm -f /etc/systemd/system/k0sleave.service /etc/init.d/k0sleave /etc/bin/k0sleave.sh
! grep -q k0s_managed=true /etc/k0s/containerd.toml 2>/dev/null || rm -f /etc/k0s/containerd.toml
rmdir /etc/k0s/containerd.d /etc/k0s /etc/bin 2>/dev/null
true`);

/** Deepest first, and only while empty: the journal wrote down which folders the bootstrap made. */
const removeEmptyFolders = (stateDir: string): string =>
  tolerant(`[ ! -f ${shellQuote(`${stateDir}/created`)} ] || sort -r ${shellQuote(`${stateDir}/created`)} |
  while IFS= read -r dir; do rmdir "$dir" 2>/dev/null; done
true`);

function verification(paths: readonly string[], dirs: readonly string[], k0sPath: string): string {
  const words = (list: readonly string[]): string => list.map((it) => shellQuote(it)).join(' ');
  const look = `left() { printf 'k0sm1 left %s %s\\n' "$1" "$2"; }
for path in ${words(paths)}; do
  if [ -d "$path" ]; then [ -z "$(ls -A "$path")" ] || left path "$path"
  elif [ -e "$path" ] || [ -L "$path" ]; then left path "$path"; fi
done`;
  if (dirs.length === 0) return look;
  const programs = [below(dirs), shellQuote(k0sPath), shellQuote(`${k0sPath} (deleted)`)].join(' | ');
  return `${look}
for dir in ${words(dirs)}; do
  while read -r _ mount _; do case $mount in "$dir"/*) left mount "$mount" ;; esac; done </proc/mounts
done
${ourProcesses(programs)} | while read -r process; do left process "$process"; done
true`;
}

/** Reads the output of {@link CleanUp.verify}; empty means clean. */
export const parseLeftovers = (stdout: string): Leftover[] =>
  [...stdout.matchAll(/^k0sm1 left (path|mount|process) (.+)$/gm)].map(([, kind, what]) => ({
    kind: kind as Leftover['kind'],
    what: what ?? '',
  }));
