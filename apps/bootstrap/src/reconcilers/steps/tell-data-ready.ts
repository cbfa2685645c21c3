import { done } from '@k0smotron/core';
import { bootstrapDataReady, factObject } from '@k0smotron/events';
import type { Step } from '@k0smotron/runtime';
import type { ConfigScope } from '../scope.ts';

/** Tells that the data is there; each time, since who told it first may have died before NATS had it (SR-8). The bus drops what it knows. */
export const tellDataReady: Step<ConfigScope> = {
  name: 'tell data ready',

  async run({ run, config, bus }) {
    const { dataSecretName } = run.status;
    if (typeof dataSecretName === 'string')
      await bus.publish(bootstrapDataReady(factObject(config), { dataSecretName }, run.clock.now()));
    return done;
  },
};
