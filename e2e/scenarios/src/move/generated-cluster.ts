import { join } from 'node:path';
import { release } from '@k0smotron/ci';
import { loadAll } from 'js-yaml';
import { clusterKey, type Ground } from '../cluster/lab-cluster.ts';
import { withField, type Manifest } from '../cluster/manifests.ts';
import { runClusterctl } from '../clusterctl/run-clusterctl.ts';
import type { System } from '../system/start-system.ts';

const version = 'v2.2.0';

/** What `clusterctl generate cluster` makes of our released template: controllers that run a kubelet, and one worker. */
export async function generateCluster(
  system: Pick<System, 'lab' | 'controlPlane'>,
  { values }: Ground,
): Promise<Manifest[]> {
  const repository = join(system.lab.dir, 'releases');
  await release([version, '--to', repository]);
  const text = await runClusterctl(
    system,
    [
      ...['generate', 'cluster', clusterKey.name, '--target-namespace', clusterKey.namespace ?? ''],
      ...['--infrastructure', `k0sproject-k0smotron:${version}`, '--kubernetes-version', values.version],
      ...['--control-plane-machine-count', '1', '--worker-machine-count', '1'],
    ],
    {
      config: join(repository, 'clusterctl.yaml'),
      env: {
        K0SMOTRON_ENDPOINT_HOST: values.endpoint.host,
        K0SMOTRON_ENDPOINT_PORT: String(values.endpoint.port),
        K0SMOTRON_CONTROLLER_ARGS: JSON.stringify(['--enable-worker', ...values.controllerArgs]),
      },
    },
  );
  return loadAll(text) as Manifest[];
}

/** The same for machines that reach nothing but the lab. */
export function inLab(manifests: readonly Manifest[], { values: { downloadURL } }: Ground): Manifest[] {
  const k0s = {
    apiVersion: 'k0s.k0sproject.io/v1beta1',
    kind: 'ClusterConfig',
    metadata: { name: 'k0s' },
    spec: { network: { provider: 'custom' }, telemetry: { enabled: false } },
  };
  return manifests.map((manifest) => {
    if (manifest.kind === 'K0sControlPlane') {
      const configured = withField(manifest, ['spec', 'k0sConfigSpec', 'k0s'], k0s);
      return withField(configured, ['spec', 'k0sConfigSpec', 'downloadURL'], downloadURL);
    }
    if (manifest.kind !== 'K0sWorkerConfigTemplate') return manifest;
    return withField(manifest, ['spec', 'template', 'spec', 'downloadURL'], downloadURL);
  });
}
