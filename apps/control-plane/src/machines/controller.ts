import { annotations, type K0sControllerConfig, type Machine, type RemoteMachine } from '@k0smotron/api';

/** One controller's three objects, as cached. */
export interface Controller {
  readonly name: string;
  readonly machine: Machine;
  readonly config?: K0sControllerConfig;
  /** Only when its infrastructure is ours; others are known through the Machine alone. */
  readonly remote?: RemoteMachine;
}

/** The address of the k0s API that a controller was told to join at; `none` for the first (SR-5). */
export const joinFromOf = ({ config }: Controller): string | undefined =>
  config?.metadata.annotations?.[annotations.joinFrom];
