import { objectAt, type JsonObject } from './json.ts';
import type { HostedPlane } from './plane.ts';

/** `spec.images` of the user's configuration of k0s. */
export const imagesOf = ({ spec }: HostedPlane): JsonObject =>
  objectAt(objectAt(spec.k0sConfig ?? {}, 'spec'), 'images');

/**
 * An image of ours for the workload cluster, from the user's registry where there is one: `spec.images.repository` replaces the
 * registry in its name, or stands before it, as k0s does with its own.
 */
export function imageOf(plane: HostedPlane, image: string): string {
  const { repository } = imagesOf(plane);
  if (typeof repository !== 'string' || repository === '' || image.startsWith(`${repository}/`)) return image;
  const [first = '', ...rest] = image.split('/');
  const isRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return [repository, ...(isRegistry ? rest : [image])].join('/');
}
