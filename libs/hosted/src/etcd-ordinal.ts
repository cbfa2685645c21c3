import type { SeenMember } from './etcd-move.ts';

/** Ordinal of a name that ends in one, such as a pod's. */
const ordinalIn = (name: string): number | undefined => {
  const found = /-(\d+)$/.exec(name)?.[1];
  return found === undefined ? undefined : Number(found);
};

/** Ordinal of the pod that a member runs in: by its name, else, before it has started, by the host of its peer URL. */
export function ordinalOf({ name, peerUrls }: SeenMember): number | undefined {
  const host = peerUrls.find((url) => URL.canParse(url));
  return ordinalIn(name || (host ? (new URL(host).hostname.split('.')[0] ?? '') : ''));
}
