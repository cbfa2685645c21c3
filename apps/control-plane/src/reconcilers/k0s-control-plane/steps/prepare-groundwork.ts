import { done } from '@k0smotron/core';
import { runSteps, type Step } from '@k0smotron/runtime';
import type { ControlPlaneScope } from '../scope.ts';
import { ensureCertificates } from './ensure-certificates.ts';
import { ensureKubeconfig } from './ensure-kubeconfig.ts';
import { ownTemplate } from './own-template.ts';

const groundwork = [ownTemplate, ensureCertificates, ensureKubeconfig] satisfies Step<ControlPlaneScope>[];

/** None of these objects is watched (SR-18), so they are looked at once a minute and not at every event. */
const goodForMs = 50_000;

/** What machines stand on, in the order of CP-12. */
export const prepareGroundwork: Step<ControlPlaneScope> = {
  name: 'prepare groundwork',

  async run(scope, signal) {
    const { memory, run, plane, cluster } = scope;
    const of = JSON.stringify([plane.metadata.generation, cluster?.metadata.uid, cluster?.spec.controlPlaneEndpoint]);
    const nowMs = run.clock.monotonicMs();
    if (memory.groundwork?.of === of && nowMs - memory.groundwork.atMs < goodForMs) return done;
    delete memory.groundwork;
    const outcome = await runSteps(groundwork, scope, signal);
    if (outcome.kind === 'done') memory.groundwork = { of, atMs: nowMs };
    return outcome;
  },
};
