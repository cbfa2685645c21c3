import type { Kind, KubeObject } from '@k0smotron/core';
import { asKind } from './as-kind.ts';
import type { ListOptions, Listing } from './client.ts';
import { ExpiredError } from './errors.ts';
import { collectionPath } from './paths.ts';
import type { Transport } from './transport.ts';

interface Page<T extends KubeObject> {
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items: readonly T[] | null;
}

const pageSize = 500;
const metadataAccept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/**
 * All objects at one moment, read in pages. When the moment expires between two pages, everything is read again in one
 * piece, which cannot expire.
 */
export async function listKind<T extends KubeObject>(
  transport: Transport,
  kind: Kind<T>,
  options: ListOptions,
  signal?: AbortSignal,
): Promise<Listing<T>> {
  const fetchPage = async (limit: number | undefined, token: string | undefined): Promise<Page<T>> =>
    (await transport.sendOk(
      {
        method: 'GET',
        path: collectionPath(kind, options.namespace),
        accept: options.metadataOnly ? metadataAccept : undefined,
        query: {
          labelSelector: options.labelSelector,
          fieldSelector: options.fieldSelector,
          limit: limit === undefined ? undefined : String(limit),
          continue: token,
        },
      },
      signal,
    )) as Page<T>;

  const items: T[] = [];
  let token: string | undefined;
  for (;;) {
    let page: Page<T>;
    try {
      page = await fetchPage(pageSize, token);
    } catch (error) {
      if (!(error instanceof ExpiredError) || token === undefined) throw error;
      page = await fetchPage(undefined, undefined);
      items.length = 0;
    }
    for (const item of page.items ?? []) items.push(asKind(kind, item));
    token = page.metadata.continue || undefined;
    if (token === undefined) return { items, resourceVersion: page.metadata.resourceVersion ?? '' };
  }
}
