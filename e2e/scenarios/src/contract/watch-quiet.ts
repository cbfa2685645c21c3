import type { Kind, KubeObject } from '@k0smotron/core';
import type { KubeClient } from '@k0smotron/kube';
import { clusterKinds } from './cluster-objects.ts';

/** What happens to the objects of clusters in a while: one line for each write that changed something; none is best. */
export async function writesWithin(kube: KubeClient, namespace: string, ms: number): Promise<readonly string[]> {
  const over = AbortSignal.timeout(ms);
  const writes: string[] = [];
  const limits = { timeoutSeconds: Math.ceil(ms / 1000) + 60, idleLimitMs: ms + 60_000 }; // silence is what we hope for
  const follow = async (kind: Kind<KubeObject>): Promise<void> => {
    const { resourceVersion } = await kube.listing(kind, { namespace, metadataOnly: true });
    const options = { namespace, resourceVersion, metadataOnly: true, ...limits };
    for await (const { type, object } of kube.watch(kind, options, over)) {
      if (type !== 'BOOKMARK') writes.push(`${type} ${kind.kind}/${object.metadata.name} by ${lastManager(object)}`);
    }
  };
  const ends = await Promise.allSettled(clusterKinds.map(follow));
  if (!over.aborted) throw new Error('the watches ended early', { cause: ends });
  return writes;
}

/** Who wrote last, as far as the server tells. */
function lastManager({ metadata }: KubeObject): string {
  const { managedFields = [] } = metadata as {
    readonly managedFields?: readonly {
      readonly manager: string;
      readonly time?: string;
      readonly subresource?: string;
    }[];
  };
  const last = [...managedFields].sort((a, b) => (a.time ?? '').localeCompare(b.time ?? '', 'en')).at(-1);
  return last ? `${last.manager}${last.subresource ? ` (${last.subresource})` : ''}` : 'nobody named';
}
