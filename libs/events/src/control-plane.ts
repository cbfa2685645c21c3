import { defineFact } from './define-fact.ts';

const about = { service: 'control-plane', factClass: 'state', kinds: ['K0sControlPlane'] } as const;

/** The API server of a control plane answered for the first time. */
export interface ControlPlaneInitialised {
  readonly version: string;
}

/** A control plane became available. */
export interface ControlPlaneAvailable {
  readonly version: string;
  /** Controllers that are started voters and whose API server answers. */
  readonly availableReplicas: number;
  /** When the condition became True (RFC 3339): it can go and come back. */
  readonly since: string;
}

/** A control plane gained or lost one controller. */
export interface ControlPlaneScaled {
  readonly change: 'added' | 'removed';
  /** Name of the Machine that came or went. */
  readonly machine: string;
  /** Controllers after the change. */
  readonly replicas: number;
}

/** @see ControlPlaneInitialised */
export const controlPlaneInitialised = defineFact<ControlPlaneInitialised>({
  ...about,
  fact: 'initialised',
  summary: 'The API server of this control plane answered for the first time.',
  transition: () => '',
});

/** @see ControlPlaneAvailable */
export const controlPlaneAvailable = defineFact<ControlPlaneAvailable>({
  ...about,
  fact: 'available',
  summary: 'This control plane became available.',
  transition: ({ since }) => since,
});

/** @see ControlPlaneScaled */
export const controlPlaneScaled = defineFact<ControlPlaneScaled>({
  ...about,
  fact: 'scaled',
  summary: 'This control plane gained or lost one controller.',
  transition: ({ change, machine }) => `${change}:${machine}`,
});
