import { binary } from '../binaries/binary.ts';
import { setOf } from '../binaries/sets.ts';
import { archiveOf } from './pod-image.ts';

/**
 * OCI archive of NATS under the name of its official image, for `loadImages`: `args` of a pod go to the server.
 * @throws LabError when the server cannot be built.
 */
export const natsArchive = async (): Promise<string> =>
  archiveOf({
    name: `docker.io/library/nats:${setOf('nats-server').version}`,
    files: new Map([['/nats-server', await binary('nats-server')]]),
    entrypoint: ['/nats-server'],
  });
