import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What an image of an OCI archive says of itself. */
export interface ArchivedImage {
  /** The name under which a container runtime imports it. */
  readonly name: string;
  readonly config: {
    readonly User?: string;
    readonly Entrypoint?: readonly string[];
    readonly Env?: readonly string[];
    readonly Labels?: Readonly<Record<string, string>>;
  };
  /** Compressed size of all layers. */
  readonly compressedBytes: number;
  /** Paths of the layers in the archive, lowest first. */
  readonly layers: readonly string[];
}

interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Reads the one image of an archive. */
export async function readArchive(archive: string): Promise<ArchivedImage> {
  const read = async <T>(path: string): Promise<T> =>
    JSON.parse(await tar('--extract', '--to-stdout', '--file', archive, path)) as T;
  const { manifests } = await read<{ manifests: readonly Descriptor[] }>('index.json');
  const [only] = manifests;
  if (!only || manifests.length !== 1) throw new Error(`${archive} holds ${manifests.length} images`);
  const { config, layers } = await read<{ config: Descriptor; layers: readonly Descriptor[] }>(pathOf(only));
  return {
    name: only.annotations?.['org.opencontainers.image.ref.name'] ?? '',
    config: (await read<{ config: ArchivedImage['config'] }>(pathOf(config))).config,
    compressedBytes: layers.reduce((sum, { size }) => sum + size, 0),
    layers: layers.map(pathOf),
  };
}

/** Writes an image's files into a folder, layer over layer; for images whose layers take nothing away. */
export async function unpackArchive(archive: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const layer of (await readArchive(archive)).layers) {
    const unpack =
      'tar --extract --to-stdout --file "$1" "$2" | tar --extract --gzip --preserve-permissions --directory "$3"';
    await promisify(execFile)('sh', ['-c', unpack, 'sh', archive, layer, folder]);
  }
}

const pathOf = ({ digest }: Descriptor): string => `blobs/${digest.replace(':', '/')}`;

const tar = async (...args: string[]): Promise<string> => (await promisify(execFile)('tar', args)).stdout;
