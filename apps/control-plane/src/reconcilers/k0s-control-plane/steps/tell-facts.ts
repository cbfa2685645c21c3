import { conditionTypes } from '@k0smotron/api';
import { done, isDeleting } from '@k0smotron/core';
import { controlPlaneAvailable, controlPlaneInitialised, controllerAdded, factObject } from '@k0smotron/events';
import type { Step } from '@k0smotron/runtime';
import type { ControlPlaneScope } from '../scope.ts';

/**
 * Tells others what the stored status says, so a fact always comes after the state that it is about. Told each time, since
 * who told it first may have died before NATS had it (SR-8); the bus drops what it knows.
 */
export const tellFacts: Step<ControlPlaneScope> = {
  name: 'tell facts',

  async run({ plane, bus, run, controllers }) {
    const { status, spec } = plane;
    const about = factObject(plane);
    const staying = controllers.filter(({ machine }) => !isDeleting(machine));
    for (const { name } of staying) {
      await bus.publish(controllerAdded(about, { machine: name, replicas: staying.length }, run.clock.now()));
    }
    if (status?.initialization?.controlPlaneInitialized)
      await bus.publish(controlPlaneInitialised(about, { version: spec.version }, run.clock.now()));
    const available = status?.conditions?.find(({ type }) => type === conditionTypes.available);
    if (available?.status === 'True') {
      const { availableReplicas = 0 } = status ?? {};
      const details = { version: spec.version, availableReplicas, since: available.lastTransitionTime };
      await bus.publish(controlPlaneAvailable(about, details, run.clock.now()));
    }
    return done;
  },
};
