import type { JoinTokenRequest } from '@k0smotron/api';
import type { Check } from '@k0smotron/runtime';
import { durationMs, longestLifeMs } from '../../reconcilers/join-token-request/expiry.ts';

/** What the schema lets pass: controllers of a hosted Cluster are pods, and a token ends while there are dates. */
export const checkJoinTokenRequest: Check<JoinTokenRequest> = ({ spec }) => [
  ...(spec.role === 'controller'
    ? [{ field: 'spec.role', message: 'controllers of a hosted Cluster are pods: write worker' }]
    : []),
  ...(durationMs(expiryOf(spec)) > longestLifeMs
    ? [{ field: 'spec.expiry', message: `${spec.expiry} is longer than ten years: write for example 24h` }]
    : []),
];

/** The API server fills the default in before it asks; a webhook answers to what has none, too. */
const expiryOf = ({ expiry = '0s' }: Partial<JoinTokenRequest['spec']>): string => expiry;
