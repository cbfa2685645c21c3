/** What a host is, for pre-flight checks and for matching pools. */
export interface HostFacts {
  readonly hostname: string;
  /** `ID` and `VERSION_ID` of os-release: `debian`, `12`. */
  readonly os: string;
  readonly osVersion: string;
  readonly kernel: string;
  /** As in Kubernetes: `amd64`, `arm64`, `arm`; otherwise what `uname -m` says. */
  readonly arch: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Free space where k0s keeps its data. */
  readonly diskFreeBytes: number;
  readonly initSystem: 'systemd' | 'openrc' | 'sysv' | 'unknown';
  /** How far the host's clock is ahead of ours. */
  readonly clockAheadMs: number;
  readonly sudo: 'root' | 'sudo' | 'none';
  /** Path of an installed k0s, and whether one runs: then the host is not free. */
  readonly k0sPath?: string;
  readonly k0sVersion?: string;
  readonly k0sRunning: boolean;
}

/** One command line that any user may run; {@link parseFacts} reads its output. */
export const factsCommand = `fact() { printf 'k0sm1 fact %s %s\\n' "$1" "$2"; }
fact time "$(date +%s)"
fact hostname "$(uname -n)"
fact kernel "$(uname -r)"
fact arch "$(uname -m)"
if [ -r /etc/os-release ]; then (. /etc/os-release; fact os "\${ID:-}"; fact osVersion "\${VERSION_ID:-}"); fi
fact cpus "$(nproc 2>/dev/null || grep -c ^processor /proc/cpuinfo)"
while read -r name value _; do [ "$name" != MemTotal: ] || fact memoryKiB "$value"; done </proc/meminfo
for dir in /var/lib/k0s /var/lib /; do [ ! -d "$dir" ] || { fact diskKiB "$(df -Pk "$dir" | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4)"; break; }; done
if [ -d /run/systemd/system ]; then fact init systemd
elif command -v rc-service >/dev/null 2>&1; then fact init openrc
elif command -v service >/dev/null 2>&1; then fact init sysv; fi
if [ "$(id -u)" = 0 ]; then fact sudo root
elif sudo -n -- sh -c true >/dev/null 2>&1; then fact sudo sudo
else fact sudo none; fi
PATH=$PATH:/usr/local/bin
if k0s=$(command -v k0s); then fact k0sPath "$k0s"; fact k0sVersion "$("$k0s" version 2>/dev/null | head -n 1)"; fi
for name in /proc/[0-9]*/comm; do
  { read -r comm <"$name"; } 2>/dev/null && [ "$comm" = k0s ] && { fact k0sRunning yes; break; }
done
true`;

const arches: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm', armv8l: 'arm' };
const initSystems = ['systemd', 'openrc', 'sysv'] as const;

/** Reads the output of {@link factsCommand}. `nowMs` is our clock in the middle of the call. @throws when it is incomplete. */
export function parseFacts(stdout: string, nowMs: number): HostFacts {
  const facts = new Map(
    [...stdout.matchAll(/^k0sm1 fact (\w+) (.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const text = (name: string): string => facts.get(name) ?? '';
  const number = (name: string): number => Number(facts.get(name) ?? Number.NaN);
  const arch = text('arch');
  if (arch === '' || Number.isNaN(number('time')))
    throw new Error('the host told no facts: it needs sh, uname and date');
  return {
    hostname: text('hostname'),
    os: text('os'),
    osVersion: text('osVersion'),
    kernel: text('kernel'),
    arch: arches[arch] ?? arch,
    cpus: number('cpus') || 0,
    memoryBytes: (number('memoryKiB') || 0) * 1024,
    diskFreeBytes: (number('diskKiB') || 0) * 1024,
    initSystem: initSystems.find((it) => it === text('init')) ?? 'unknown',
    // The host tells whole seconds: half of one is the best guess.
    clockAheadMs: number('time') * 1000 + 500 - nowMs,
    sudo: (['root', 'sudo'] as const).find((it) => it === text('sudo')) ?? 'none',
    ...(text('k0sPath') ? { k0sPath: text('k0sPath') } : {}),
    ...(text('k0sVersion') ? { k0sVersion: text('k0sVersion') } : {}),
    k0sRunning: text('k0sRunning') === 'yes',
  };
}
