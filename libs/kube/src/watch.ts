import type { Kind, KubeObject } from '@k0smotron/core';
import type { WatchEvent, WatchOptions } from './client.ts';
import { isStatus, toKubeError, UnreachableError, type StatusBody } from './errors.ts';
import { asKind } from './as-kind.ts';
import { collectionPath } from './paths.ts';
import { wordsOf, type Call, type Transport } from './transport.ts';

const metadataAccept =
  'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1beta1';

/** Between the server's usual end of a watch and ours, so that it is the server that ends a healthy one. */
const idleMarginMs = 10_000;
/**
 * A watch on which nothing happens gets its first bookmark after 120 s and then one every 60 s (seen on 1.36). A dead peer is
 * noticed sooner, by TCP; this is for what keeps a connection open and passes nothing on.
 */
const longestIdleMs = 150_000;

/**
 * One watch, until the server ends it. Bookmarks are asked for. A stream that is silent for longer than the idle limit is
 * half-open and is given up with UnreachableError.
 */
export async function* watchKind<T extends KubeObject>(
  transport: Transport,
  kind: Kind<T>,
  options: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  const timeoutSeconds = options.timeoutSeconds ?? Math.round(240 + 60 * Math.random());
  const idleLimitMs = options.idleLimitMs ?? Math.min(timeoutSeconds * 1_000 + idleMarginMs, longestIdleMs);
  const call: Call = {
    method: 'GET',
    path: collectionPath(kind, options.namespace),
    accept: options.metadataOnly ? metadataAccept : undefined,
    query: {
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(timeoutSeconds),
      resourceVersion: options.resourceVersion,
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
    },
  };

  const idle = new AbortController();
  const both = AbortSignal.any([signal, idle.signal]);
  const timer = setTimeout(() => {
    idle.abort(new UnreachableError(`${wordsOf(call)}: nothing came for ${idleLimitMs} ms, not even a bookmark`));
  }, idleLimitMs);
  timer.unref();
  try {
    const body = await transport.stream(call, both);
    for await (const line of linesOf(body, () => timer.refresh())) yield eventOf(kind, call, line);
  } catch (cause) {
    if (signal.aborted) return;
    if (idle.signal.aborted) throw idle.signal.reason;
    throw cause;
  } finally {
    clearTimeout(timer);
    idle.abort(new Error('the watch is over'));
  }
}

async function* linesOf(body: AsyncIterable<Buffer>, heard: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of body) {
      heard();
      const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) if (part !== '') yield part;
    }
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'AbortError') throw cause;
    throw new UnreachableError(`the watch was cut: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function eventOf<T extends KubeObject>(kind: Kind<T>, call: Call, line: string): WatchEvent<T> {
  const event = parseLine(line, call);
  if (event.type !== 'ERROR') return { type: event.type, object: asKind(kind, event.object as T) };
  const status: StatusBody = isStatus(event.object) ? event.object : { kind: 'Status' };
  throw toKubeError(status.code ?? 500, status, wordsOf(call));
}

function parseLine(line: string, call: Call): { type: WatchEvent['type'] | 'ERROR'; object: unknown } {
  try {
    return JSON.parse(line) as { type: WatchEvent['type']; object: unknown };
  } catch (cause) {
    // The parser's own message quotes the text, which may be a Secret.
    throw new UnreachableError(`${wordsOf(call)}: a watch event was not JSON (${line.length} characters)`, {
      cause: cause instanceof SyntaxError ? undefined : cause,
    });
  }
}
