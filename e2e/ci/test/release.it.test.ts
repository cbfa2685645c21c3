import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { binary, openLab, startClusterApi, startControlPlane, type ControlPlane, type Lab } from '@k0smotron/lab';
import { dump, loadAll } from 'js-yaml';
import { providers } from '../src/packaging/provider.ts';
import { release } from '../src/packaging/release.ts';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Record<string, string>;
  };
  readonly spec?: Record<string, unknown>;
}

const name = 'k0sproject-k0smotron';
let lab: Lab;
let controlPlane: ControlPlane;
let repository: string;

beforeAll(async () => {
  repository = await mkdtemp(join(tmpdir(), 'k0smotron-release-'));
  expect(await release(['v2.2.0', '--to', repository, '--images', 'registry.test/mirror'])).toBe(0);
  lab = await openLab({ owner: 'process' });
  controlPlane = await startControlPlane(lab, { controllerManager: true });
  await startClusterApi(lab, controlPlane, { featureGates: { ClusterTopology: true } });
}, 180_000);
afterAll(async () => {
  await lab?.close();
  await rm(repository, { recursive: true, force: true });
});

/** Real clusterctl, with the repository that we wrote and no other. */
async function clusterctl(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    await binary('clusterctl'),
    [...args, '--config', join(repository, 'clusterctl.yaml')],
    {
      env: {
        ...process.env,
        GOPROXY: 'off',
        KUBECONFIG: controlPlane.kubeconfigPath,
        K0SMOTRON_ENDPOINT_HOST: '10.0.0.9',
      },
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return stdout;
}

async function apply(manifests: readonly Manifest[], ...flags: string[]): Promise<string> {
  const file = join(repository, 'apply.yaml');
  await writeFile(file, manifests.map((manifest) => dump(manifest, { noRefs: true })).join('---\n'));
  return controlPlane.kubectl('apply', '--server-side', '--validate=strict', ...flags, '-f', file);
}

const typesOf = (manifests: readonly Manifest[], kind: string): readonly Manifest[] =>
  manifests.filter((manifest) => manifest.kind === kind);

describe('a release, read by clusterctl', () => {
  it.each(providers.map(({ prefix, service }) => [prefix, service] as const))(
    'has a %s provider that moves to any namespace and is accepted by a real API server',
    async (prefix, service) => {
      const text = await clusterctl('generate', 'provider', `--${prefix}`, name, '--target-namespace', 'elsewhere');
      const manifests = loadAll(text) as Manifest[];

      const [deployment] = typesOf(manifests, 'Deployment');
      expect(JSON.stringify(deployment)).toContain(`"image":"registry.test/mirror/k0smotron-ts-${service}:v2.2.0"`);
      expect(deployment?.metadata.namespace).toBe('elsewhere');
      const [certificate] = typesOf(manifests, 'Certificate');
      expect(certificate?.spec?.['dnsNames']).toContain(`k0smotron-${service}-webhooks.elsewhere.svc`);
      for (const { metadata, spec } of typesOf(manifests, 'CustomResourceDefinition')) {
        if ((spec?.['versions'] as unknown[]).length === 1) continue;
        expect(metadata.annotations?.['cert-manager.io/inject-ca-from']).toBe(`elsewhere/k0smotron-${service}`);
        expect(JSON.stringify(spec?.['conversion'])).toContain('"namespace":"elsewhere"');
      }

      // cert-manager itself needs a cluster with nodes.
      const served = manifests.filter(({ apiVersion }) => !apiVersion.startsWith('cert-manager.io/'));
      await apply(served);
      const available = await controlPlane.kubectl('get', 'deployment', '-n', 'elsewhere', '-o', 'name');
      expect(available).toContain(`deployment.apps/k0smotron-${service}`);
    },
  );

  it.each([
    ['', 'K0sControlPlane', { replicas: 3, version: 'v1.34.4+k0s.0' }],
    ['topology', 'ClusterClass', { controlPlane: { templateRef: { kind: 'K0sControlPlaneTemplate' } } }],
    ['hosted', 'ClusterClass', { controlPlane: { templateRef: { kind: 'K0smotronControlPlaneTemplate' } } }],
  ] as const)('generates a cluster that a real API server accepts, flavor %j', async (flavor, kind, spec) => {
    const text = await clusterctl(
      ...['generate', 'cluster', 'demo', '--infrastructure', `${name}:v2.2.0`, '--target-namespace', 'default'],
      ...['--kubernetes-version', 'v1.34.4+k0s.0', '--flavor', flavor],
      ...['--control-plane-machine-count', '3', '--worker-machine-count', '2'],
    );
    const manifests = loadAll(text) as Manifest[];
    expect(typesOf(manifests, 'Cluster')).toHaveLength(1);
    expect(typesOf(manifests, kind)[0]?.spec).toMatchObject(spec);
    // No pod runs here, so nobody would answer for admission.
    const ours = ['validatingwebhookconfigurations', '--selector=clusterctl.cluster.x-k8s.io'];
    await controlPlane.kubectl('delete', ...ours);
    const answers = await apply(manifests, '--dry-run=server');
    expect(answers.trim().split('\n')).toHaveLength(manifests.length);
  });
});
