import { K0sControllerConfig, K0sWorkerConfig } from '@k0smotron/api';
import type { Run } from '@k0smotron/runtime';
import { fieldManager, joinTokenAnnotation } from '../names.ts';
import type { BootstrapConfig } from '../reconcilers/scope.ts';

/** Public half of the token that the config's machine was, or is about to be, given. */
export const recordedToken = ({ metadata }: BootstrapConfig): string | undefined =>
  metadata.annotations?.[joinTokenAnnotation];

/** Writes down which token is about to be minted, before it is: a crash in between leaves nothing unknown behind. */
export const recordToken = (run: Run<BootstrapConfig>, tokenId: string, signal: AbortSignal): Promise<void> =>
  write(run, tokenId, signal);

/** After the token was revoked. */
export const forgetToken = (run: Run<BootstrapConfig>, signal: AbortSignal): Promise<void> => write(run, null, signal);

async function write(run: Run<BootstrapConfig>, tokenId: string | null, signal: AbortSignal): Promise<void> {
  const { kind, metadata } = run.object;
  const stored = await run.kube.patch<BootstrapConfig>(
    kind === K0sWorkerConfig.kind ? K0sWorkerConfig : K0sControllerConfig,
    run.key,
    { type: 'merge', body: { metadata: { uid: metadata.uid, annotations: { [joinTokenAnnotation]: tokenId } } } },
    { fieldManager },
    signal,
  );
  run.expectWritten(stored);
}
