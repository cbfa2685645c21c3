import { ConfigMap } from '@k0smotron/api';
import { done } from '@k0smotron/core';
import { hasEtcd } from '@k0smotron/hosted';
import type { Step } from '@k0smotron/runtime';
import { claimedMemberAnnotation, lookAtEtcd, throughSite } from '../../../hosted/etcd-members.ts';
import { PersistentVolumeClaim } from '../../../hosted/kinds.ts';
import { etcdClusterIdAnnotation, hostedSelector } from '../../../hosted/names.ts';
import { isRunning, isUpToDate, ordinalOf } from '../../../hosted/pods.ts';
import { certificateOf, type HostedScope } from '../scope.ts';

/** One look at the members, their pods and their claims: all that the plan rests on (SR-6). */
export const observeEtcd: Step<HostedScope> = {
  name: 'observe etcd',

  async run(scope, signal) {
    const { run, plane, names, found, etcdPods, cluster } = scope;
    if (!hasEtcd(plane.spec)) return done;
    const members = etcdPods.map((pod) => ({ pod, serverName: names.etcdHost(ordinalOf(pod)) }));
    const { certPem: caPem } = certificateOf(scope, 'etcd');
    const access = {
      caPem,
      client: certificateOf(scope, 'apiserver-etcd-client'),
      dial: scope.dialEtcd,
      through: throughSite(scope.site),
    };
    const view = await lookAtEtcd(members, access, run.clock.now(), signal);
    const recorded = cluster.metadata.annotations?.[etcdClusterIdAnnotation];
    found.etcd = {
      view: foreign(view, recorded),
      pods: ordinalsOf(scope).map((ordinal) => seenPod(scope, ordinal)),
      begunWith: begunWith(scope),
      replicas: scope.etcd?.spec?.replicas,
      recorded: recorded !== undefined,
    };
    return done;
  },
};

/** Members of another etcd than the one that was recorded are none of ours: nothing may rest on them. */
function foreign<V extends { readonly clusterId?: string }>(view: V, recorded: string | undefined): V {
  if (recorded === undefined || view.clusterId === undefined || view.clusterId === recorded) return view;
  const unknown = `the pods run etcd ${view.clusterId}, this Cluster has etcd ${recorded}: restore its data`;
  return { ...view, members: [], unknown };
}

/** Ordinals of which there is a pod or a claim. */
function ordinalsOf({ etcdPods, site, names, clusterKey }: HostedScope): readonly number[] {
  const claims = site.caches.of(PersistentVolumeClaim, hostedSelector);
  const claimed = claims.list(clusterKey.namespace).flatMap(({ metadata }) => {
    const ordinal = Number(/-(\d+)$/.exec(metadata.name)?.[1] ?? Number.NaN);
    return names.etcdClaim(ordinal) === metadata.name ? [ordinal] : [];
  });
  return [...new Set([...etcdPods.map(ordinalOf), ...claimed])].sort((a, b) => a - b);
}

function seenPod({ etcd, etcdPods, site, names, clusterKey }: HostedScope, ordinal: number) {
  const pod = etcdPods.find((it) => ordinalOf(it) === ordinal);
  const key = { namespace: clusterKey.namespace, name: names.etcdClaim(ordinal) };
  const claim = site.caches.of(PersistentVolumeClaim, hostedSelector).get(key);
  const member = claim?.metadata.annotations?.[claimedMemberAnnotation];
  return {
    ordinal,
    upToDate: pod && (etcd === undefined || isUpToDate(pod, etcd)),
    running: pod !== undefined && isRunning(pod),
    ...(claim && { claim: { ...(member && { member }) } }),
  };
}

/** Ordinals that the members' ConfigMap names, as `<member>-<ordinal>=<peer URL>`. */
function begunWith({ site, names, clusterKey }: HostedScope): readonly number[] | undefined {
  const key = { namespace: clusterKey.namespace, name: names.etcdMembers };
  const members = site.caches.of(ConfigMap, hostedSelector).get(key)?.data?.['ETCD_INITIAL_CLUSTER'];
  if (members === undefined) return undefined;
  return members.split(',').flatMap((member) => {
    const ordinal = /-(\d+)=/.exec(member)?.[1];
    return ordinal === undefined ? [] : [Number(ordinal)];
  });
}
