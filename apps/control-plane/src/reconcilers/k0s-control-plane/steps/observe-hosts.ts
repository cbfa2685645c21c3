import { done } from '@k0smotron/core';
import { managesEtcd, isSingle } from '@k0smotron/k0s';
import type { Step } from '@k0smotron/runtime';
import { observeControllers } from '../../../hosts/observe-controllers.ts';
import { readCertificates } from '../../../secrets/cluster-certificates.ts';
import type { ControlPlaneScope } from '../scope.ts';

/** One look at every controller's API server and etcd; all later decisions of the run argue about this picture. */
export const observeHosts: Step<ControlPlaneScope> = {
  name: 'observe hosts',

  async run({ run, plane, clusterKey, controllers, hosts, found }, signal) {
    const running = controllers.filter(({ remote }) => remote?.spec.providerID !== undefined);
    const certificates = await readCertificates(run.kube, clusterKey, signal);
    found.seen = await observeControllers(running, { kube: run.kube, hosts, certificates, now: run.clock.now() }, signal);
    found.managesEtcd = managesEtcd(plane.spec.k0sConfigSpec.k0s, { single: isSingle(plane.spec.k0sConfigSpec.args ?? []) });
    return done;
  },
};
