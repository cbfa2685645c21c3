import type { Secret } from '@k0smotron/api';
import { done, lookAgain } from '@k0smotron/core';
import { certificatePurposes } from '@k0smotron/pki';
import type { Step } from '@k0smotron/runtime';
import { createCertificate, readCertificates } from '../../../secrets/cluster-certificates.ts';
import { giveBackOwner } from '../../../secrets/give-back-owner.ts';
import { issueAll } from '../../../secrets/issuing.ts';
import { isInitialized, type ControlPlaneScope } from '../scope.ts';

/** Secrets are not watched (SR-18). */
const missingAgainMs = 10_000;

/** After a move the status is empty, but a provisioned controller runs with the keys that were there (CP-16). */
const mayRun = (scope: ControlPlaneScope): boolean =>
  isInitialized(scope) ||
  scope.controllers.some(({ machine, remote }) => machine.spec.providerID ?? remote?.spec.providerID);

/** The cluster's four key pairs, made once and then only looked for (CP-15, CP-16). */
export const ensureCertificates: Step<ControlPlaneScope> = {
  name: 'ensure certificates',

  async run(scope, signal) {
    const { run, clusterKey } = scope;
    const giveBack = (secret: Secret) => giveBackOwner(run, secret, signal);
    const pairs = { ...(await readCertificates(run.kube, clusterKey, signal, giveBack)) };
    const missing = certificatePurposes.filter((purpose) => !pairs[purpose]);
    if (missing.length > 0 && mayRun(scope)) {
      const names = missing.map((purpose) => `${clusterKey.name}-${purpose}`).join(', ');
      const message = `Missing Secrets: ${names}. New ones would break the running cluster: restore them`;
      run.report({ type: 'CertificatesAvailable', status: 'False', reason: 'Missing', message });
      scope.found.hold = message;
      return lookAgain(missingAgainMs, `Secrets ${names}`);
    }
    // All at once: a key takes the better part of a second.
    const made = await Promise.all(missing.map((purpose) => createCertificate(scope, purpose, signal)));
    const issuances = made.map(({ issuance }) => issuance);
    await issueAll(scope, issuances, signal);
    missing.forEach((purpose, at) => (pairs[purpose] = made[at]?.pair));
    scope.found.certificates = pairs;
    run.report({ type: 'CertificatesAvailable', status: 'True', reason: 'Available', message: '' });
    return done;
  },
};
