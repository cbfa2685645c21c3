import type { KubeObject } from '@k0smotron/core';
import type { ListOptions } from '../src/client.ts';

/** True when an object is among those asked for. */
export function isSelected(object: KubeObject, { namespace, labelSelector, fieldSelector }: ListOptions): boolean {
  return (
    (namespace === undefined || object.metadata.namespace === namespace) &&
    matchesLabels(object.metadata.labels ?? {}, labelSelector ?? '') &&
    matchesFields(object, fieldSelector ?? '')
  );
}

/** `a=b`, `a==b`, `a!=b`, `a`, `!a`, `a in (x,y)`, `a notin (x,y)`, joined by commas. */
function matchesLabels(labels: Readonly<Record<string, string>>, selector: string): boolean {
  const terms = selector.split(/,(?![^(]*\))/).map((term) => term.trim());
  return terms.filter((term) => term !== '').every((term) => matchesTerm(labels, term));
}

function matchesTerm(labels: Readonly<Record<string, string>>, term: string): boolean {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(term);
  if (set) {
    const [, key = '', how, values = ''] = set;
    const listed = values.split(',').some((value) => value.trim() === labels[key]);
    return how === 'in' ? listed : !listed;
  }
  const pair = /^([^=!\s]+)\s*(!=|==?)\s*(.*)$/.exec(term);
  if (pair) {
    const [, key = '', how, value] = pair;
    return how === '!=' ? labels[key] !== value : labels[key] === value;
  }
  return term.startsWith('!') ? !(term.slice(1) in labels) : term in labels;
}

function matchesFields(object: KubeObject, selector: string): boolean {
  return selector
    .split(',')
    .filter((term) => term !== '')
    .every((term) => {
      const [, path = '', how, value = ''] = /^([^=!]+)(!=|==?)(.*)$/.exec(term) ?? [];
      const found = path
        .split('.')
        .reduce<unknown>((at, f) => (at as Record<string, unknown> | undefined)?.[f], object);
      const text = typeof found === 'string' ? found : found === undefined ? '' : JSON.stringify(found);
      return (text === value) !== (how === '!=');
    });
}
