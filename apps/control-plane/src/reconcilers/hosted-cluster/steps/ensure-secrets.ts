import { done, type Outcome } from '@k0smotron/core';
import { runSteps, type Step } from '@k0smotron/runtime';
import { certificateHealth } from '../../../hosted/certificate-health.ts';
import { heldCertificates } from '../../../hosted/held-certificates.ts';
import { issueAll, type Issuance, type Issuing } from '../../../secrets/issuing.ts';
import type { HostedScope } from '../scope.ts';
import { ensureCertificates } from './ensure-certificates.ts';
import { ensureKubeconfig } from './ensure-kubeconfig.ts';
import { ensureLeaves } from './ensure-leaves.ts';

const inOrder = [ensureCertificates, ensureLeaves, ensureKubeconfig] satisfies Step<HostedScope & Issuing>[];

/** What was found whole is believed for so long; pods and Services wake a plane far more often than Secrets change. */
const goodForMs = 60_000;

/** Certificates and kubeconfig, which only requests can see (SR-18); what is missing is written and told in one go. */
export const ensureSecrets: Step<HostedScope> = {
  name: 'ensure secrets',

  async run(scope, signal): Promise<Outcome> {
    const { memory, run, cluster, found } = scope;
    const of = JSON.stringify([cluster.metadata.generation, found.endpoint]);
    const nowMs = run.clock.monotonicMs();
    if (memory.secrets?.of === of && nowMs - memory.secrets.atMs < goodForMs) {
      found.certificates = memory.secrets.certificates;
      return done;
    }
    delete memory.secrets;
    const issuances: Issuance[] = [];
    const outcome = await runSteps(inOrder, { ...scope, issuances }, signal);
    if (outcome.kind !== 'done') return outcome;
    await issueAll(scope, issuances, signal);
    for (const type of ['CertificatesAvailable', 'KubeconfigSecretAvailable'])
      run.report({ type, status: 'True', reason: 'Available', message: '' });
    memory.secrets = { of, atMs: nowMs, certificates: found.certificates ?? {} };
    run.report({ type: 'CertificatesValid', ...certificateHealth(heldCertificates(scope), run.clock.now()) });
    return done;
  },
};
