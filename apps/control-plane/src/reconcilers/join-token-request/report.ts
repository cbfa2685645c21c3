import type { JoinTokenRequest } from '@k0smotron/api';
import type { Run } from '@k0smotron/runtime';

const type = 'JoinTokenSecretCreated';

/** Says what a request waits for. */
export const reportWaiting = (run: Run<JoinTokenRequest>, reason: string, what: string): void =>
  run.report({ type, status: 'False', reason, message: `Waiting for ${what}` });

/** Says that the Secret is there, and how long its token is good. */
export const reportCreated = (run: Run<JoinTokenRequest>, message: string): void =>
  run.report({ type, status: 'True', reason: 'Created', message });

/** Says that nobody can join with the token any more. */
export const reportEnded = (run: Run<JoinTokenRequest>, message: string): void =>
  run.report({ type, status: 'False', reason: 'Expired', message });

/** Says who has joined with a token for one. */
export const reportUsed = (run: Run<JoinTokenRequest>, node: string): void => {
  const message = `Node ${node} has joined with the token, which is good no more`;
  run.report({ type, status: 'False', reason: 'Used', message });
};
