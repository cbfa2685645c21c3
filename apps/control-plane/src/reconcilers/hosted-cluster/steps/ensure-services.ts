import { done } from '@k0smotron/core';
import { serviceObjects } from '@k0smotron/hosted';
import type { Step } from '@k0smotron/runtime';
import { applyObjects } from '../../../hosted/apply-objects.ts';
import type { Service } from '../../../hosted/kinds.ts';
import type { HostedScope } from '../scope.ts';

/** The Service of the API first: its addresses are in the API server's certificate and may be the endpoint. */
export const ensureServices: Step<HostedScope> = {
  name: 'ensure services',

  async run(scope, signal) {
    const stored = (await applyObjects(scope, serviceObjects(scope.plane), signal)) as readonly Service[];
    scope.found.services = stored;
    return done;
  },
};
