import type { ComponentPatch } from '@k0smotron/api';
import { messageOf, TerminalError } from '@k0smotron/core';
import { load } from 'js-yaml';
import { jsonPatch } from './json-patch.ts';
import { isObject } from './json.ts';
import { mergePatch } from './merge-patch.ts';
import type { HostedObject } from './plane.ts';
import { strategicPatch } from './strategic-patch.ts';

const appliers = { json: jsonPatch, merge: mergePatch, strategic: strategicPatch };

/**
 * The objects with the user's patches, in order; each goes to all objects of its kind and component, as in the original.
 *
 * @throws TerminalError `InvalidPatch` naming the patch: nothing is applied then, rather than half of it
 */
export function applyPatches(
  objects: readonly HostedObject[],
  patches: readonly ComponentPatch[] = [],
): readonly HostedObject[] {
  return patches.reduce((all, patch, index) => all.map((object) => patched(object, patch, index)), objects);
}

function patched(object: HostedObject, { target, patch }: ComponentPatch, index: number): HostedObject {
  const { labels, name, namespace } = object.metadata;
  if (object.kind !== target.kind || labels['app.kubernetes.io/component'] !== target.component) return object;
  try {
    const result = appliers[patch.type](object, load(patch.content));
    if (!isHostedObject(result)) throw new Error('what is left is no object with metadata');
    // Another name or kind would be another object, which nobody would ever delete.
    const { metadata, ...rest } = result;
    return { ...rest, apiVersion: object.apiVersion, kind: object.kind, metadata: { ...metadata, name, namespace } };
  } catch (cause) {
    throw new TerminalError('InvalidPatch', `spec.patches[${index}] on ${object.kind} ${name}: ${messageOf(cause)}`, {
      cause,
    });
  }
}

const isHostedObject = (value: unknown): value is HostedObject => isObject(value) && isObject(value.metadata);
