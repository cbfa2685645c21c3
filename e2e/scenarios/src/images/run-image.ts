import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ArchivedImage } from '@k0smotron/ci';
import { ensureTools, startProcess, type Lab, type LabProcess } from '@k0smotron/lab';

/** A container of an unpacked image, as a kubelet would run it under the tightest settings, in the host's network. */
export interface ContainerOptions {
  readonly name: string;
  /** Folder of the image's files; it is the container's root as it is, read-only. */
  readonly root: string;
  readonly image: ArchivedImage;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Folders and files of the host by where they are seen, read-only. */
  readonly mounts: Readonly<Record<string, string>>;
}

/** A running container. */
export interface Container extends LabProcess {
  /** What the kernel says of its first process, from a file of /proc/<pid>. */
  proc(file: string): Promise<string>;
}

/**
 * Runs the image's own entrypoint with runc as the image's own user, without capabilities and without a way to gain any.
 * runc comes from the distribution when it is missing.
 * @throws LabError when it cannot be started.
 */
export async function runImage(lab: Lab, options: ContainerOptions): Promise<Container> {
  await ensureTools({ runc: 'runc' });
  const folder = join(lab.dir, 'containers', options.name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), JSON.stringify(runtimeConfig(options)));
  const [state, id] = [join(lab.dir, 'runc'), `${lab.name}-${options.name}`];
  const args = ['--root', state, 'run', '--bundle', folder, id];
  const process = await startProcess(lab, { name: `${options.name}-image`, command: 'runc', args });
  return {
    ...process,
    async proc(file) {
      const { stdout } = await promisify(execFile)('runc', ['--root', state, 'state', id]);
      return readFile(`/proc/${(JSON.parse(stdout) as { pid: number }).pid}/${file}`, 'utf8');
    },
  };
}

/** In terms of the OCI runtime specification. */
function runtimeConfig({ root, image: { config }, args, env, mounts }: ContainerOptions): object {
  const [uid, gid] = (config.User ?? '0:0').split(':').map(Number);
  const none: readonly string[] = [];
  return {
    ociVersion: '1.0.2',
    root: { path: root, readonly: true },
    process: {
      user: { uid, gid },
      args: [...(config.Entrypoint ?? []), ...args],
      env: [...(config.Env ?? []), ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
      cwd: '/',
      capabilities: { bounding: none, effective: none, permitted: none, inheritable: none, ambient: none },
      noNewPrivileges: true,
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
      ...Object.entries(mounts).map(([destination, source]) => ({
        ...{ destination, source, type: 'bind' },
        options: ['rbind', 'ro', 'nosuid', 'nodev', 'noexec'],
      })),
    ],
    linux: { namespaces: ['pid', 'mount', 'ipc', 'uts'].map((type) => ({ type })) },
  };
}
