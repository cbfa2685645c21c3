import type { Controller } from '@k0smotron/runtime';

/** The loops of the snapshot service; they come with the service's own work, none is faked here. */
export const controllers = (): readonly Controller[] => [];
