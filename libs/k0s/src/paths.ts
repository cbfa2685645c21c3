import { flagValue } from './arguments.ts';

/** Where k0s and our files live on a machine. */
export interface HostPaths {
  /** The k0s program. */
  readonly k0s: string;
  readonly config: string;
  readonly token: string;
  readonly dataDir: string;
}

/** The parts of a bootstrap config that move files. */
export interface PathSettings {
  /** Folder of the k0s program; `/usr/local/bin` unless told. */
  readonly installDir?: string;
  /** Folder of `k0s.yaml` and `k0s.token`; `/etc` unless told. */
  readonly workingDir?: string;
  /** The user's `spec.args`: `--data-dir` moves k0s's state. */
  readonly args?: readonly string[];
}

/** Marks on the host that bootstrap data ran to its end; Cluster API's contract names the path. */
export const sentinelPath = '/run/cluster-api/bootstrap-success.complete';

/** k0s's state, unless `--data-dir` says otherwise. */
const defaultDataDir = '/var/lib/k0s';

/** The original's paths: `/etc/k0s.yaml`, `/etc/k0s.token`, or both in `workingDir`. */
export function hostPaths({ installDir, workingDir, args = [] }: PathSettings): HostPaths {
  const folder = withoutSlash(workingDir || '/etc');
  return {
    k0s: `${withoutSlash(installDir || '/usr/local/bin')}/k0s`,
    config: `${folder}/k0s.yaml`,
    token: `${folder}/k0s.token`,
    dataDir: withoutSlash(flagValue(args, '--data-dir') ?? defaultDataDir),
  };
}

const withoutSlash = (path: string): string => path.replace(/(?<=.)\/+$/, '');
