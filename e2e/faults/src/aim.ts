/** When a life ends with regard to its last effect: see `count-effects.ts`. */
export type Moment = 'sent' | 'answered';

/** Kind of an effect, without the names in it: `api PATCH remotemachines/status`, `ssh command`, `nats reserved`. */
export function kindOf(effect: string): string {
  const [medium = '', verb = '', path = ''] = effect.split(' ');
  if (medium === 'nats') return `nats ${verb.split('.')[5]}`;
  if (medium !== 'api') return `${medium} ${verb}`;
  const [, rest = ''] = /^\/apis?\/(?:[^/]+\/)?v[^/]+\/(?:namespaces\/[^/]+\/)?(.*)$/.exec(path) ?? [];
  const [resource = '', , subresource] = rest.split('/');
  return `api ${verb} ${resource}${subresource ? `/${subresource}` : ''}`;
}

/** One way for a life to end, whatever the objects are called: `answered etcd MemberRemove`. */
export const endOf = (moment: Moment, effect: string): string => `${moment} ${kindOf(effect)}`;

/**
 * Finds the moment in which a life that aims should end after an effect: one in which no life ended after that kind yet.
 * `had` are the ends that there were, one a line; without it no end is sought.
 */
export function endsSought(had: string | undefined): (effect: string) => Moment | undefined {
  if (had === undefined) return () => undefined;
  const known = new Set(had.split('\n'));
  return (effect) => (['sent', 'answered'] as const).find((moment) => !known.has(endOf(moment, effect)));
}
