import { applyOverlay, type Overlay } from '@k0smotron/ci';
import { loadImages, natsArchive } from '@k0smotron/lab';
import { applyManifests } from '../cluster/apply.ts';
import type { Installation } from './installation.ts';

const namespace = 'k0smotron-nats-system';
/** Of NATS in its pod. */
const user = 1000;

/**
 * Puts on the node what overlays ask for and no registry gives: the images of the services under the names that overlays have
 * for them, NATS, and a volume for each server of each overlay.
 * @param images of the services, as they are on the node
 */
export async function prepareOverlays(
  { lab, node, controlPlane }: Installation,
  images: readonly string[],
): Promise<void> {
  await loadImages(lab, [await natsArchive()]);
  const folders = [0, 1, 2, 3].map((at) => `/var/lib/nats-${at}`);
  const commands = [
    ...images.map((image) => {
      const wanted = `ghcr.io/k0sproject/${image.replace(/^.*\//, '').replace(/:.*/, ':dev')}`;
      return `k0s ctr --namespace k8s.io images tag ${image} ${wanted}`;
    }),
    ...folders.map((folder) => `install -d -o ${user} -g ${user} ${folder}`),
  ];
  const { code, stderr } = await node.exec(commands.join(' && '));
  if (code !== 0) throw new Error(stderr);
  await applyManifests(
    { controlPlane, lab },
    folders.map((path, at) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `nats-${at}` },
      spec: {
        capacity: { storage: '2Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        hostPath: { path },
      },
    })),
  );
}

/** Applies an overlay over the one before it; NATS begins anew, since a server alone keeps its data otherwise than three. */
export async function applyInTurn({ controlPlane }: Installation, overlay: Overlay): Promise<void> {
  const inNamespace = ['--namespace', namespace, '--timeout=120s'];
  await controlPlane.kubectl('delete', 'statefulset', 'nats', '--ignore-not-found', ...inNamespace);
  await controlPlane.kubectl('delete', 'persistentvolumeclaims', '--all', ...inNamespace);
  await applyOverlay((...args) => controlPlane.kubectl(...args), overlay);
}
