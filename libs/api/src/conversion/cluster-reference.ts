import { annotations } from '../names/annotations.ts';
import { annotationPath, takeAnnotation } from './annotated.ts';
import { fieldOf, setAt, takeAt, valueAt, type JsonObject, type Path } from './json.ts';
import type { Rule } from './rule.ts';

const [reference, name]: [Path, Path] = [
  ['spec', 'clusterRef'],
  ['spec', 'clusterName'],
];
const namespace = [...reference, 'namespace'];
const key = annotations.clusterRefNamespace;
const annotation = annotationPath(key);

const ownNamespace = (draft: JsonObject): unknown => valueAt(draft, ['metadata', 'namespace']);

/**
 * v1beta1 names a Cluster in any namespace, v1beta2 one in the request's own; another namespace is in an annotation, as in
 * the original. Unlike there, the own namespace is not: it is no other one, and v1beta1 shows it instead of an empty text.
 */
export const clusterReferenceRule: Rule = {
  up: (draft) => {
    const taken = takeAt(draft, reference);
    if (taken === undefined) return;
    setAt(draft, name, fieldOf(taken, 'name'));
    takeAnnotation(draft, key);
    const other = fieldOf(taken, 'namespace');
    if (other !== '' && other !== ownNamespace(draft)) setAt(draft, annotation, other);
  },
  down: (draft) => {
    const taken = takeAt(draft, name);
    if (taken === undefined) return;
    const other = takeAnnotation(draft, key);
    setAt(draft, reference, { name: taken, namespace: other || (ownNamespace(draft) ?? '') });
  },
  guards: [
    { version: 'v1beta1', path: namespace, belongsTo: [name, annotation] },
    { version: 'v1beta1', path: annotation, belongsTo: [name, annotation] },
    { version: 'v1beta2', path: annotation, belongsTo: [reference] },
  ],
};
