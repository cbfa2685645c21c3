import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { binary, type ControlPlane, type Lab } from '@k0smotron/lab';

/** How clusterctl is run. */
export interface ClusterctlOptions {
  /** Its clusterctl.yaml; none where only management clusters are talked to. */
  readonly config?: string;
  /** Variables of templates. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs real clusterctl as administrator of a management cluster, and gives its standard output.
 * @throws Error with what it said, when it fails.
 */
export async function runClusterctl(
  { lab, controlPlane }: { readonly lab: Lab; readonly controlPlane: ControlPlane },
  args: readonly string[],
  { config, env = {} }: ClusterctlOptions = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(
    await binary('clusterctl'),
    [...args, ...(config ? ['--config', config] : [])],
    {
      // Without a home of the user's own: only what the file names, and no look for a newer clusterctl.
      env: {
        ...process.env,
        ...env,
        GOPROXY: 'off',
        XDG_CONFIG_HOME: lab.dir,
        KUBECONFIG: controlPlane.kubeconfigPath,
      },
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return stdout;
}
