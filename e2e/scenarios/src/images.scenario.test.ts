import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildImages, readArchive, unpackArchive, type ArchivedImage, type BuiltImage } from '@k0smotron/ci';
import { claimPort, openLab, type Lab } from '@k0smotron/lab';
import { eventually } from '@k0smotron/testing';
import { asInPod, managerOf } from './images/as-in-pod.ts';
import { runImage, type Container } from './images/run-image.ts';
import { installCrds } from './system/install-crds.ts';
import { managementCluster, type ManagementCluster } from './system/management-cluster.ts';
import { installSecretGuards } from './system/service-account.ts';
import { services } from './system/services.ts';

const names = services.map(({ name }) => name);
const megabyte = 1e6;

interface Image extends ArchivedImage {
  readonly built: BuiltImage;
  /** Folder of its files. */
  readonly root: string;
}

/** Names of the packages in paths of files. */
const packagesIn = (paths: readonly string[]): string[] => [
  ...new Set(paths.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [])),
];

describe('the images of the services', () => {
  const images = new Map<string, Image>();
  const containers: Container[] = [];
  const imageOf = (app: string): Image => {
    const found = images.get(app);
    if (!found) throw new Error(`no image of ${app}`);
    return found;
  };
  let folder: string;
  let lab: Lab;
  let cluster: ManagementCluster;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'k0smotron-images-'));
    for (const built of await buildImages({
      to: folder,
      tag: 'v2.2.0',
      images: 'registry.test/mirror',
      base: 'local',
    })) {
      const root = join(folder, built.app);
      await unpackArchive(built.archive, root);
      images.set(built.app, { ...(await readArchive(built.archive)), built, root });
    }
    lab = await openLab({ owner: 'process' });
    cluster = await managementCluster(lab);
    await installCrds(cluster.kube, new Map());
    await installSecretGuards(cluster.kube);
  }, 600_000); // builds of other suites may go first
  afterAll(async () => {
    await Promise.all(containers.map((container) => container.stop())); // a runc that is killed leaves its cgroups
    await cluster?.leave();
    await lab?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(names)('are small, named as a release names them, and for no root: %s', (app) => {
    const { name, config, compressedBytes } = imageOf(app);
    expect(name).toBe(`registry.test/mirror/k0smotron-ts-${app}:v2.2.0`);
    expect(compressedBytes).toBeLessThan(70 * megabyte);
    expect(config.User).toBe('65532:65532');
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.title': `k0smotron-ts-${app}`,
      'org.opencontainers.image.version': 'v2.2.0',
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.revision': expect.stringMatching(/^[0-9a-f]{40}(-dirty)?$|^unknown$/),
    });
  });

  it.each(names)('hold one program, which is Node, and so no shell: %s', async (app) => {
    const { root } = imageOf(app);
    const files = await readdir(root, { recursive: true });
    const programs: string[] = [];
    for (const file of files.filter((path) => !/^lib(64)?\//.test(path))) {
      const { mode } = await stat(join(root, file)).then((it) => (it.isFile() ? it : { mode: 0 }));
      if (mode & 0o111) programs.push(file);
    }
    expect(programs).toEqual(['nodejs/bin/node']);
    expect(await readdir(join(root, 'app'))).toEqual([`${app}.cdx.json`, `${app}.cjs.map`, 'main.cjs'].sort());
  });

  it.each(names)('come with a bill of the libraries that are in them, and of Node: %s', async (app) => {
    const { root, built } = imageOf(app);
    const bill = JSON.parse(await readFile(built.sbom, 'utf8')) as {
      readonly metadata: { readonly component: object };
      readonly components: readonly { readonly type: string; readonly name: string; readonly version: string }[];
    };
    const map = JSON.parse(await readFile(join(root, `app/${app}.cjs.map`), 'utf8')) as { readonly sources: string[] };
    const libraries = bill.components.filter(({ type }) => type === 'library').map(({ name }) => name);
    expect([...new Set(libraries)].sort()).toEqual(packagesIn(map.sources).sort());
    expect(bill.metadata.component).toMatchObject({ type: 'container', version: 'v2.2.0' });
    expect(bill.components).toContainEqual(expect.objectContaining({ name: 'node', version: process.versions.node }));
  });

  it('run as their Deployments say: on a read-only root, as nobody, and end when asked', async () => {
    await Promise.all(
      names.map(async (app) => {
        expect((await managerOf(app)).securityContext).toEqual({
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          readOnlyRootFilesystem: true,
        });
        const pod = await asInPod(app, { ...cluster, lab });
        const [webhooks, health, metrics] = [await claimPort(lab), await claimPort(lab), await claimPort(lab)];
        // One network for all four, unlike in pods.
        const ports = [`--webhook-port=${webhooks}`, `--health-addr=:${health}`, `--diagnostics-address=:${metrics}`];
        const image = imageOf(app);
        const container = await runImage(lab, {
          ...{ name: app, root: image.root, image, ...pod },
          args: [...pod.args, ...ports],
        });
        containers.push(container);
        await eventually(
          async () => {
            if (!container.running()) throw new Error(await readFile(container.logPath, 'utf8'));
            const answer = await fetch(`http://127.0.0.1:${health}/readyz`);
            if (!answer.ok) throw new Error(await answer.text());
          },
          { timeoutMs: 30_000, everyMs: 50, what: `${app} to be ready` },
        );
        expect(await container.proc('mountinfo')).toMatch(/^\d+ \d+ \S+ \S+ \/ ro\b/m);
        const status = await container.proc('status');
        expect(status).toMatch(/^Uid:\t65532\t65532\t65532\t65532$/m);
        expect(status).toMatch(/^CapEff:\t0{16}$/m);
        expect(status).toMatch(/^NoNewPrivs:\t1$/m);

        await container.stop();
        expect(await container.exited).toEqual({ code: 0, signal: null });
      }),
    );
  });
});
