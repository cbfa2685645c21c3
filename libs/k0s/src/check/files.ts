import type { JoinRole } from '../join-token.ts';
import type { Finding } from '@k0smotron/core';

interface Source {
  readonly name?: string;
  readonly key?: string;
}

/** Where a text is read from. */
export interface CheckedSource {
  readonly secretRef?: Source;
  readonly configMapRef?: Source;
}

/** A file as users write it. */
export interface CheckedFile {
  readonly path?: string;
  readonly content?: string;
  readonly permissions?: string;
  readonly contentFrom?: CheckedSource;
}

/**
 * What is wrong with files. What would be odd but works is a warning for controllers, where the original checks nothing;
 * of workers the schema has refused it already.
 */
export function fileFindings(files: readonly CheckedFile[] | undefined, role: JoinRole, field: string): Finding[] {
  const paths = new Set<string>();
  return (files ?? []).flatMap((file, at) => {
    const { path } = file;
    const repeated = path !== undefined && paths.has(path);
    if (path) paths.add(path);
    return [
      ...(repeated ? [repeatedPath(path, role, `${field}[${at}].path`)] : []),
      ...oneFile(file, `${field}[${at}]`),
    ];
  });
}

const repeatedPath = (path: string, role: JoinRole, field: string): Finding => ({
  field,
  message: `${path} is written twice and the last one wins: leave one of them out`,
  ...(role === 'controller' && { warning: true }),
});

function oneFile({ path, content, permissions, contentFrom }: CheckedFile, field: string): Finding[] {
  const found: Finding[] = [];
  if (!path)
    found.push({ field: `${field}.path`, message: 'is missing: write an absolute path, or take the item out' });
  else if (!path.startsWith('/')) {
    found.push({ field: `${field}.path`, message: `${path} is no absolute path: let it begin with /`, warning: true });
  }
  if (permissions && !/^[0-7]{1,5}$/.test(permissions)) {
    found.push({
      field: `${field}.permissions`,
      message: `${permissions} is no mode: write octal digits such as '0600'`,
    });
  }
  if (content === undefined && contentFrom === undefined) {
    found.push({ field, message: 'will be empty: write content or contentFrom', warning: true });
  }
  if (content !== undefined && contentFrom !== undefined) {
    found.push({ field, message: 'has content and contentFrom, which wins: write one of them', warning: true });
  }
  return [...found, ...sourceFindings(contentFrom, `${field}.contentFrom`)];
}

/** What is wrong with a reference to a text. */
export function sourceFindings(source: CheckedSource | undefined, field: string): Finding[] {
  if (source === undefined) return [];
  const { secretRef, configMapRef } = source;
  if (!secretRef && !configMapRef) return [{ field, message: 'names nothing: write secretRef or configMapRef' }];
  const refs = Object.entries({ secretRef, configMapRef }).filter(([, ref]) => ref !== undefined);
  const incomplete = refs.flatMap(([name, ref]) =>
    (['name', 'key'] as const)
      .filter((part) => !ref?.[part])
      .map((part) => ({ field: `${field}.${name}.${part}`, message: 'is empty: write it, or take the reference out' })),
  );
  const both = { field, message: 'has secretRef, which wins, and configMapRef: write one of them', warning: true };
  return refs.length > 1 ? [both, ...incomplete] : incomplete;
}
