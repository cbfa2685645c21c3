import { createHash } from 'node:crypto';

/** DNS label, label value: what a Service, a pod and a label may be called at most. */
const labelLength = 63;

/**
 * Pods carry `controller-revision-hash: <StatefulSet>-<10 characters>`, a label value, so a StatefulSet with a longer name
 * gets no pods.
 */
export const parentLength = 52;

/**
 * The text if it fits, else as much of it as fits, `-` and five digits of its MD5: the original's way, so that its objects
 * are found again. Dots, which a Cluster's name may have and a DNS label may not, count as not fitting.
 */
export function shorten(text: string, limit: number = labelLength): string {
  if (text.length <= limit && !text.includes('.')) return text;
  const digest = createHash('md5').update(text).digest('hex').slice(0, 5);
  return `${text.replaceAll('.', '-').slice(0, limit - digest.length - 1)}-${digest}`;
}
