import { done } from '@k0smotron/core';
import { runSteps, type Step } from '@k0smotron/runtime';
import type { ControlPlaneScope } from '../scope.ts';
import { ensureCertificates } from './ensure-certificates.ts';
import { ensureKubeconfig } from './ensure-kubeconfig.ts';
import { ownTemplate } from './own-template.ts';

const groundwork = [ownTemplate, ensureCertificates, ensureKubeconfig] satisfies Step<ControlPlaneScope>[];

/** None of these objects is watched (SR-18), so they are looked at once a minute and not at every event. */
const goodForMs = 50_000;
/** A settled control plane needs none of them before its next move, so that a hundred of them stay quiet. */
const settledGoodForMs = 9 * 60_000;

/** What machines stand on, in the order of CP-12. */
export const prepareGroundwork: Step<ControlPlaneScope> = {
  name: 'prepare groundwork',

  async run(scope, signal) {
    const { memory, run, plane, cluster, found } = scope;
    const of = JSON.stringify([plane.metadata.generation, cluster?.metadata.uid, cluster?.spec.controlPlaneEndpoint]);
    const nowMs = run.clock.monotonicMs();
    const { groundwork: before, look } = memory;
    if (before?.of === of && nowMs - before.atMs < (look?.settled ? settledGoodForMs : goodForMs)) {
      found.certificates = before.certificates;
      return done;
    }
    delete memory.groundwork;
    const outcome = await runSteps(groundwork, scope, signal);
    if (outcome.kind === 'done') memory.groundwork = { of, atMs: nowMs, certificates: found.certificates ?? {} };
    return outcome;
  },
};
