import { done } from '@k0smotron/core';
import { isSingle, managesEtcd } from '@k0smotron/k0s';
import type { Step } from '@k0smotron/runtime';
import { lookNow, rememberedLook } from '../../../hosts/look.ts';
import type { Look } from '../../../hosts/seen.ts';
import { readCertificates } from '../../../secrets/cluster-certificates.ts';
import type { ControlPlaneScope } from '../scope.ts';

/** The look at every controller's API server and etcd, and at the endpoint; all later decisions of the run argue about it. */
export const observeHosts: Step<ControlPlaneScope> = {
  name: 'observe hosts',

  async run(scope, signal) {
    const { plane, found } = scope;
    const { k0s, args = [] } = plane.spec.k0sConfigSpec;
    found.managesEtcd = managesEtcd(k0s, { single: isSingle(args) });
    const remembered = rememberedLook(scope);
    if (remembered) takeUp(scope, remembered, true);
    else await lookAnew(scope, signal);
    return done;
  },
};

/** Replaces what the run has seen so far by how things are now. */
export async function lookAnew(scope: ControlPlaneScope, signal: AbortSignal): Promise<void> {
  const { run, clusterKey, found } = scope;
  found.certificates ??= await readCertificates(run.kube, clusterKey, signal);
  takeUp(scope, await lookNow(scope, found.certificates, signal), false);
}

function takeUp({ found }: ControlPlaneScope, { seen, endpoint }: Look, remembered: boolean): void {
  found.seen = seen;
  found.endpoint = endpoint;
  found.remembered = remembered;
}
