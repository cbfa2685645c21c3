import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { binary, type ControlPlane, type Lab } from '@k0smotron/lab';

/** How clusterctl is run. */
export interface ClusterctlOptions {
  /** Its clusterctl.yaml; none where only management clusters are talked to. */
  readonly config?: string;
  /** Variables of templates. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Whose administrator clusterctl is run as. */
interface Administered {
  readonly lab: Lab;
  readonly controlPlane: ControlPlane;
}

/** Without a home of the user's own: only what the file names, and no look for a newer clusterctl. */
const surroundings = ({ lab, controlPlane }: Administered, env: ClusterctlOptions['env'] = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  ...env,
  GOPROXY: 'off',
  XDG_CONFIG_HOME: lab.dir,
  KUBECONFIG: controlPlane.kubeconfigPath,
});

/**
 * Runs real clusterctl as administrator of a management cluster, and gives its standard output.
 * @throws Error with what it said, when it fails.
 */
export async function runClusterctl(
  system: Administered,
  args: readonly string[],
  { config, env = {} }: ClusterctlOptions = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(
    await binary('clusterctl'),
    [...args, ...(config ? ['--config', config] : [])],
    { env: surroundings(system, env), maxBuffer: 64 * 1024 * 1024 },
  );
  return stdout;
}

/**
 * Runs clusterctl until it says something, then ends it: for what it would wait for very long.
 * @throws Error with all that it said, when it ends before, or has not said it within `timeoutMs`.
 */
export async function untilClusterctlSays(
  system: Administered,
  args: readonly string[],
  { words, timeoutMs }: { readonly words: RegExp; readonly timeoutMs: number },
): Promise<void> {
  const process = spawn(await binary('clusterctl'), args, {
    env: surroundings(system),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
  });
  const ended = new Promise<void>((resolve) => process.once('close', () => resolve()));
  let said = '';
  for (const stream of [process.stdout, process.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (words.test(said)) process.kill();
    });
  }
  await ended;
  if (!words.test(said)) throw new Error(`clusterctl ${args.join(' ')} did not say ${words}:\n${said}`);
}
