import type { Run } from '@k0smotron/runtime';
import { joinTokenAnnotation } from '../names.ts';
import type { BootstrapConfig } from '../reconcilers/scope.ts';

/** Public half of the token that the config's machine was, or is about to be, given. */
export const recordedToken = ({ metadata }: BootstrapConfig): string | undefined =>
  metadata.annotations?.[joinTokenAnnotation];

/** Writes down which token is about to be minted, before it is: a crash in between leaves nothing unknown behind. */
export const recordToken = (run: Run<BootstrapConfig>, tokenId: string): Promise<void> =>
  run.annotate({ [joinTokenAnnotation]: tokenId });

/** After the token was revoked. */
export const forgetToken = (run: Run<BootstrapConfig>): Promise<void> => run.annotate({ [joinTokenAnnotation]: null });
