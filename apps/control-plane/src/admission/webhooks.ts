import {
  JoinTokenRequest,
  K0sControlPlane,
  K0sControlPlaneTemplate,
  K0smotronCluster,
  K0smotronControlPlane,
  K0smotronControlPlaneTemplate,
} from '@k0smotron/api';
import { validatingWebhook, type ValidatingWebhook } from '@k0smotron/runtime';
import { checkConfig, checkTemplate, checkVersion } from './check-config.ts';
import { checkInfrastructure } from './check-infrastructure.ts';
import { checkReplicas, checkScale } from './check-replicas.ts';
import { checkKubelet, checkStrategy } from './check-strategy.ts';
import { checkHostedCluster, checkHostedControlPlane, checkHostedTemplate } from './hosted/check-hosted.ts';
import { checkJoinTokenRequest } from './hosted/check-join-token-request.ts';

/** Every admission webhook of the control-plane provider; the registrations are generated from this list. */
export const admission: readonly ValidatingWebhook[] = [
  validatingWebhook<K0sControlPlane>({
    kind: K0sControlPlane,
    checks: [checkVersion, checkReplicas, checkStrategy, checkInfrastructure, checkConfig, checkKubelet],
  }),
  validatingWebhook({ kind: K0sControlPlane, subresource: 'scale', checks: [checkScale] }),
  validatingWebhook({ kind: K0sControlPlaneTemplate, checks: [checkTemplate] }),
  validatingWebhook({ kind: K0smotronCluster, checks: [checkHostedCluster] }),
  validatingWebhook({ kind: K0smotronControlPlane, checks: [checkHostedControlPlane] }),
  validatingWebhook({ kind: K0smotronControlPlaneTemplate, checks: [checkHostedTemplate] }),
  validatingWebhook({ kind: JoinTokenRequest, checks: [checkJoinTokenRequest] }),
];
