import { conditionTypes } from '@k0smotron/api';
import { done } from '@k0smotron/core';
import { controlPlaneAvailable, controlPlaneInitialised, factObject } from '@k0smotron/events';
import type { Step } from '@k0smotron/runtime';
import type { ControlPlaneScope } from '../scope.ts';

/**
 * Tells others what the stored status says, so a fact always comes after the state that it is about. A new process tells it
 * once more: the id is the same, and a repeat is dropped (SR-8).
 */
export const tellFacts: Step<ControlPlaneScope> = {
  name: 'tell facts',

  async run({ plane, bus, run, memory: { told } }) {
    const { status, spec } = plane;
    const about = factObject(plane);
    if (status?.initialization?.controlPlaneInitialized && !told.has('initialised')) {
      await bus.publish(controlPlaneInitialised(about, { version: spec.version }, run.clock.now()));
      told.add('initialised');
    }
    const available = status?.conditions?.find(({ type }) => type === conditionTypes.available);
    const since = available?.lastTransitionTime ?? '';
    if (available?.status === 'True' && !told.has(`available ${since}`)) {
      const { availableReplicas = 0 } = status ?? {};
      await bus.publish(
        controlPlaneAvailable(about, { version: spec.version, availableReplicas, since }, run.clock.now()),
      );
      told.add(`available ${since}`);
    }
    return done;
  },
};
