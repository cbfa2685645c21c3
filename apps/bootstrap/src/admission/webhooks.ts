import { K0sControllerConfig, K0sWorkerConfig, K0sWorkerConfigTemplate } from '@k0smotron/api';
import { validatingWebhook, type ValidatingWebhook } from '@k0smotron/runtime';
import { checkControllerConfig, checkWorkerConfig, checkWorkerTemplate } from './check-configs.ts';

/** Every admission webhook of the bootstrap provider; the registrations are generated from this list. */
export const admission: readonly ValidatingWebhook[] = [
  validatingWebhook({ kind: K0sWorkerConfig, checks: [checkWorkerConfig] }),
  validatingWebhook({ kind: K0sControllerConfig, checks: [checkControllerConfig] }),
  validatingWebhook({ kind: K0sWorkerConfigTemplate, checks: [checkWorkerTemplate] }),
];
