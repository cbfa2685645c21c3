import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLab, startControlPlane, type ControlPlane, type Lab } from '@k0smotron/lab';
import { loadAll } from 'js-yaml';
import { blocksOf } from '../src/checks/guides/follow.ts';
import { applyOverlay, kustomize, overlays } from '../src/packaging/overlays.ts';
import { providers } from '../src/packaging/provider.ts';
import { certManagerCrds } from './cert-manager-crds.ts';

interface Container {
  readonly resources?: { readonly requests?: Record<string, string>; readonly limits?: Record<string, string> };
  readonly securityContext?: Record<string, unknown>;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly data?: Record<string, string>;
  readonly spec?: {
    readonly replicas?: number;
    readonly selector?: { readonly matchLabels?: Record<string, string> };
    readonly template?: {
      readonly spec: { readonly containers: readonly Container[]; readonly securityContext?: Record<string, unknown> };
    };
  };
}

let lab: Lab;
let controlPlane: ControlPlane;
const rendered = new Map<string, readonly Manifest[]>();

beforeAll(async () => {
  lab = await openLab({ owner: 'process' });
  controlPlane = await startControlPlane(lab);
  for (const name of overlays) rendered.set(name, loadAll(await kustomize(`deploy/overlays/${name}`)) as Manifest[]);
  await apply([...(await certManagerCrds()), namespace('cert-manager'), namespace('team-a')]);
  await apply(of('dev', 'Namespace'));
  await controlPlane.kubectl('wait', '--for=condition=Established', 'crd', '--all');
}, 180_000);
afterAll(() => lab?.close());

const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

async function written(items: readonly object[]): Promise<string> {
  const file = join(lab.dir, 'apply.json');
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  return file;
}

async function apply(manifests: readonly object[], ...flags: string[]): Promise<readonly string[]> {
  const file = await written(manifests);
  const said = await controlPlane.kubectl('apply', '--server-side', '--validate=strict', ...flags, '-f', file);
  return said.trim().split('\n');
}

const of = (overlay: string, ...kinds: readonly string[]): readonly Manifest[] =>
  (rendered.get(overlay) ?? []).filter(({ kind }) => kinds.includes(kind));

const podsOf = (overlay: string) =>
  of(overlay, 'Deployment', 'StatefulSet').map(({ metadata, spec }) => ({
    name: metadata.name,
    replicas: spec?.replicas,
    labels: spec?.selector?.matchLabels,
    security: spec?.template?.spec.securityContext,
    containers: spec?.template?.spec.containers ?? [],
  }));

describe('the overlays on a real API server', () => {
  it.each(['staging', 'production'])('takes every object of %s that dev has not', async (name) => {
    const inDev = new Set(rendered.get('dev')?.map((object) => JSON.stringify(object)));
    const objects = (rendered.get(name) ?? []).filter((object) => !inDev.has(JSON.stringify(object)));
    expect(await apply(objects, '--dry-run=server')).toHaveLength(objects.length);
    expect(objects.length).toBeGreaterThan(10);
  });

  it('takes dev as users apply it, and a second time nothing changes', async () => {
    const objects = rendered.get('dev') ?? [];
    const first = await applyOverlay(controlPlane.kubectl, 'dev');
    expect(first.trim().split('\n')).toHaveLength(objects.length);
    const file = await written(objects.filter(({ kind }) => kind !== 'CustomResourceDefinition'));
    const again = (await controlPlane.kubectl('apply', '-f', file)).trim().split('\n');
    expect(again.filter((line) => !line.endsWith(' unchanged'))).toEqual([]);
  }, 300_000);
});

describe.each(overlays)('%s', (overlay) => {
  it('has the four services and NATS', () => {
    const services = providers.map(({ service }) => `k0smotron-${service}`);
    expect(podsOf(overlay).map(({ name }) => name)).toEqual(expect.arrayContaining([...services, 'nats']));
    const addresses = of(overlay, 'ConfigMap').flatMap(({ data }) => data?.['nats-url'] ?? []);
    expect(addresses).toHaveLength(providers.length);
  });

  it('runs nothing as root, writes to no root file system, and bounds its memory', () => {
    for (const { name, security, containers } of podsOf(overlay)) {
      expect({ name, ...security }).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      for (const { resources, securityContext } of containers) {
        expect({ name, ...securityContext }).toMatchObject({
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        });
        expect(Object.keys(resources?.requests ?? {}).sort()).toEqual(['cpu', 'memory']);
        expect(Object.keys(resources?.limits ?? {})).toContain('memory');
      }
    }
    expect(of(overlay, 'Namespace').map(({ metadata: { labels } }) => labels)).toEqual(
      Array.from({ length: providers.length + 1 }, () =>
        expect.objectContaining({ 'pod-security.kubernetes.io/enforce': 'restricted' }),
      ),
    );
  });

  it('holds no secret', () => {
    expect(of(overlay, 'Secret')).toEqual([]);
    const addresses = of(overlay, 'ConfigMap').flatMap(({ data }) => data?.['nats-url'] ?? []);
    expect(addresses.filter((address) => address.includes('@'))).toEqual([]);
  });

  it('elects a leader', () => {
    for (const { metadata, spec } of of(overlay, 'Deployment')) {
      const [container] = spec?.template?.spec.containers ?? [];
      expect({ name: metadata.name, args: container?.args }).toMatchObject({
        args: expect.arrayContaining(['--leader-elect']),
      });
    }
  });
});

describe('production', () => {
  it('has more than one of everything, and a disruption budget for each', () => {
    const budgets = of('production', 'PodDisruptionBudget').map(({ spec }) => spec?.selector?.matchLabels);
    for (const { name, replicas, labels } of podsOf('production')) {
      expect({ name, enough: (replicas ?? 0) >= 2 }).toEqual({ name, enough: true });
      expect(budgets).toContainEqual(labels);
    }
  });

  it('lets nobody speak to NATS without a certificate, and keeps facts on all its servers', () => {
    const [config] = of('production', 'ConfigMap').filter(({ data }) => data?.['nats.conf']);
    expect(config?.data?.['security.conf']).toContain('verify: true');
    expect(config?.data?.['cluster.conf']).toContain('verify: true');
    const [nats] = of('production', 'StatefulSet');
    for (const { metadata, spec } of of('production', 'Deployment')) {
      const env = new Map(spec?.template?.spec.containers[0]?.env?.map(({ name, value }) => [name, value]));
      expect({ name: metadata.name, replicas: env.get('K0SMOTRON_NATS_REPLICAS') }).toEqual({
        name: metadata.name,
        replicas: String(nats?.spec?.replicas),
      });
    }
  });

  it('has a network policy for every pod', () => {
    const spaces = of('production', 'NetworkPolicy').map(({ metadata }) => metadata.namespace);
    expect(spaces.sort()).toEqual(
      of('production', 'Namespace')
        .map(({ metadata }) => metadata.name)
        .sort(),
    );
  });
});

describe("one's own overlay, as the guide writes it", () => {
  beforeAll(async () => {
    const folder = join(lab.dir, 'own');
    await mkdir(folder);
    for (const { path, lines } of blocksOf(await readFile('docs/guide/overlays.md', 'utf8'))) {
      await writeFile(join(folder, path), lines.join('\n').replaceAll('../deploy', relative(folder, 'deploy')));
    }
    rendered.set('own', loadAll(await kustomize(folder)) as Manifest[]);
    await apply(of('own', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'), '--force-conflicts');
  });

  it('runs images of its own', () => {
    expect(JSON.stringify(of('own', 'Deployment'))).toContain('"registry.example/k0smotron-ts-bootstrap:v2.2.0"');
  });

  /** Whether the account of the infrastructure service may list Secrets in these namespaces; undefined for all at once. */
  async function mayListSecrets(...namespaces: readonly (string | undefined)[]): Promise<string> {
    const user = 'system:serviceaccount:k0smotron-infrastructure-system:k0smotron-infrastructure';
    const reviews = namespaces.map((namespace) => ({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user, resourceAttributes: { verb: 'list', resource: 'secrets', namespace } },
    }));
    return controlPlane.kubectl('create', '-f', await written(reviews), '-o', 'jsonpath={.status.allowed} ');
  }

  it('has rights in the namespace that it watches, and in no other', async () => {
    for (const { metadata, spec } of of('own', 'Deployment')) {
      const env = spec?.template?.spec.containers[0]?.env?.find(({ name }) => name === 'K0SMOTRON_NAMESPACE');
      expect({ name: metadata.name, watches: env?.value }).toEqual({ name: metadata.name, watches: 'team-a' });
    }
    expect(await mayListSecrets('team-a', 'default', undefined)).toBe('true false false ');
  });
});
