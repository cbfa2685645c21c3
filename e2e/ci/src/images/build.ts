import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { withBuildah, type Buildah } from '@k0smotron/lab';
import { bundle } from '../bundle.ts';
import { defaultImages, imageOf, providers, type Provider } from '../packaging/provider.ts';
import { localBase, nodePath } from './local-base.ts';
import { readArchive } from './oci-archive.ts';
import { sbomOfImage, type Sbom } from './sbom.ts';

/** Which images are built, from what, and where they go. */
export interface ImagesOptions {
  /** Folder for archives and bills of materials; made when missing, files of the same name are replaced. */
  readonly to: string;
  readonly tag: string;
  /** Registry and path before the image's name, as `npm run release -- --images` takes it. */
  readonly images?: string;
  /** Base image by any name that buildah can pull; `local` makes one here (local-base.ts), without it the Dockerfile's. */
  readonly base?: string;
  /** Services; all unless given. */
  readonly apps?: readonly string[];
}

/** An image as an OCI archive. */
export interface BuiltImage {
  readonly app: string;
  /** Full name, as the released Deployment has it. */
  readonly name: string;
  readonly archive: string;
  /** File of its bill of materials, CycloneDX. */
  readonly sbom: string;
  /** What a node downloads. */
  readonly compressedBytes: number;
}

const dockerfile = 'deploy/images/Dockerfile';

/**
 * Builds images of services from the sources as they are, with deploy/images/Dockerfile. Bundles are made by our own Node
 * and lockfile and take the place of its build stage. The same commit and base give the same images.
 * @throws LabError with buildah's words; Error for an unknown service.
 */
export async function buildImages(options: ImagesOptions): Promise<readonly BuiltImage[]> {
  const chosen = (options.apps ?? []).map(providerOf);
  await mkdir(options.to, { recursive: true });
  const base = options.base === 'local' ? `oci-archive:${await localBase()}` : (options.base ?? (await defaultBase()));
  const source = await describeSource();
  const scratch = await mkdtemp(join(tmpdir(), 'k0smotron-images-'));
  try {
    return await withBuildah(async (buildah) => {
      const stage: Stage = { ...options, ...(await pull(buildah, base, scratch)), source, scratch, buildah };
      const built: BuiltImage[] = [];
      for (const provider of chosen.length > 0 ? chosen : providers) built.push(await buildImage(provider, stage));
      return built;
    });
  } finally {
    await rm(scratch, { recursive: true });
  }
}

interface Stage extends ImagesOptions {
  readonly buildah: Buildah;
  /** Folder for what is not kept. */
  readonly scratch: string;
  readonly baseId: string;
  /** Version of the base's Node. */
  readonly node: string;
  readonly source: Source;
}

async function buildImage(provider: Provider, stage: Stage): Promise<BuiltImage> {
  const { to, tag, images = defaultImages, buildah, scratch, baseId, node, source } = stage;
  const app = provider.service;
  const name = imageOf(provider, { images, tag });
  const archive = resolve(to, `k0smotron-ts-${app}.tar`);
  const sbom = resolve(to, `k0smotron-ts-${app}.cdx.json`);

  const folder = join(scratch, app);
  if ((await bundle(`apps/${app}`, folder)) !== 0) throw new Error(`the bundle of ${app} has warnings`);
  await rm(archive, { force: true }); // buildah would add to it
  const settings = { APP: app, VERSION: tag, REVISION: source.revision, BASE_IMAGE: baseId };
  await buildah(
    ...['build', '--quiet', '--pull=false', '--file', dockerfile, '--build-context', `bundle=${folder}`],
    ...Object.entries(settings).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]),
    ...['--timestamp', source.timestamp, '--disable-compression=false', ...blobCache(scratch)],
    ...['--tag', `oci-archive:${archive}:${name}`, 'deploy/images'],
  );
  const parts = JSON.parse(await readFile(join(folder, `${app}.cdx.json`), 'utf8')) as Sbom;
  const repository = name.slice(0, -tag.length - 1);
  await writeFile(sbom, `${JSON.stringify(sbomOfImage(parts, { repository, tag, node }), null, 2)}\n`);
  return { app, name, archive, sbom, compressedBytes: (await readArchive(archive)).compressedBytes };
}

/** Keeps the base's layers as they came, else buildah compresses them anew for each image. */
const blobCache = (scratch: string): string[] => ['--blob-cache', join(scratch, 'blobs')];

function providerOf(service: string): Provider {
  const found = providers.find((provider) => provider.service === service);
  if (!found) throw new Error(`unknown service '${service}': one of ${providers.map((it) => it.service).join(', ')}`);
  return found;
}

/** Fetches the base once, and asks its Node for its version. */
async function pull(buildah: Buildah, base: string, scratch: string): Promise<Pick<Stage, 'baseId' | 'node'>> {
  const baseId = await buildah('pull', '--quiet', ...blobCache(scratch), base);
  const container = await buildah('from', '--pull=false', baseId);
  const node = (await buildah('run', container, '--', nodePath, '--version')).replace(/^v/, '');
  await buildah('rm', container);
  return { baseId, node };
}

/** The base that the Dockerfile has when nobody gives one. */
async function defaultBase(): Promise<string> {
  const base = /^ARG BASE_IMAGE=(\S+)$/m.exec(await readFile(dockerfile, 'utf8'))?.[1];
  if (!base) throw new Error(`${dockerfile} names no base image`);
  return base;
}

interface Source {
  readonly revision: string;
  /** Of the commit, in seconds: what the build itself takes is in no image. */
  readonly timestamp: string;
}

/** The commit, marked when files differ from it; a tree without git has none. */
async function describeSource(): Promise<Source> {
  const git = async (...args: string[]) => (await promisify(execFile)('git', args)).stdout.trim();
  try {
    const revision = await git('describe', '--always', '--dirty', '--abbrev=40', '--exclude=*');
    return { revision, timestamp: await git('log', '-1', '--format=%ct') };
  } catch {
    return { revision: 'unknown', timestamp: '0' };
  }
}
