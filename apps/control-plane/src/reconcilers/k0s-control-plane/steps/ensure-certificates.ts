import { done, waitingOn } from '@k0smotron/core';
import { certificatePurposes } from '@k0smotron/pki';
import type { Step } from '@k0smotron/runtime';
import { createCertificate, readCertificates } from '../../../secrets/cluster-certificates.ts';
import { isInitialized, type ControlPlaneScope } from '../scope.ts';

/** The cluster's four key pairs, made once and then only looked for (CP-15, CP-16). */
export const ensureCertificates: Step<ControlPlaneScope> = {
  name: 'ensure certificates',

  async run(scope, signal) {
    const { run, clusterKey } = scope;
    const found = await readCertificates(run.kube, clusterKey, signal);
    const missing = certificatePurposes.filter((purpose) => !found[purpose]);
    if (missing.length > 0 && isInitialized(scope)) {
      const names = missing.map((purpose) => `${clusterKey.name}-${purpose}`).join(', ');
      const message = `Missing Secrets: ${names}. New ones would break the running cluster: restore them`;
      run.report({ type: 'CertificatesAvailable', status: 'False', reason: 'Missing', message });
      return waitingOn(`Secrets ${names}`);
    }
    for (const purpose of missing) await createCertificate(run, clusterKey, purpose, signal);
    run.report({ type: 'CertificatesAvailable', status: 'True', reason: 'Available', message: '' });
    return done;
  },
};
