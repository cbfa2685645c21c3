import { withBuildah } from './buildah.ts';

/** What an image says of itself. */
export interface ImageSettings {
  /** Full name with registry and tag, under which a container runtime imports it. */
  readonly name: string;
  readonly entrypoint?: readonly string[];
  /** `uid` or `uid:gid`; root unless given. */
  readonly user?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Gzip the layer: seconds of work that an image which only this host reads can do without. */
  readonly compress?: boolean;
}

/**
 * Writes a folder as an image of one layer, an OCI archive (tar). All files belong to root; the same folder gives the same
 * image, whenever it is made.
 * @throws LabError with buildah's words.
 */
export async function archiveFolder(folder: string, settings: ImageSettings, archive: string): Promise<void> {
  const { name, entrypoint, user, env = {}, compress = false } = settings;
  await withBuildah(async (buildah) => {
    const container = await buildah('from', 'scratch');
    await buildah('copy', '--quiet', '--chown', '0:0', container, folder, '/');
    await buildah(
      'config',
      ...(entrypoint ? ['--entrypoint', JSON.stringify(entrypoint)] : []),
      ...(user ? ['--user', user] : []),
      ...Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
      container,
    );
    const how = ['--quiet', '--timestamp', '0', `--disable-compression=${!compress}`];
    await buildah('commit', ...how, container, `oci-archive:${archive}:${name}`);
  });
}
