import { createHash } from 'node:crypto';
import { Secret } from '@k0smotron/api';
import { done, isDeleting, keyOf, lookAgain, TerminalError, waitingOn, type KubeObject } from '@k0smotron/core';
import {
  certificateCopies,
  controlPlaneObjects,
  controlPlaneReplicas,
  etcdIntent,
  etcdObjects,
  etcdReplicas,
  hasNats,
  storageProblem,
  type HostedWorld,
} from '@k0smotron/hosted';
import { imageTag } from '@k0smotron/k0s';
import { fingerprint } from '@k0smotron/pki';
import type { Step } from '@k0smotron/runtime';
import { applyObjects } from '../../../hosted/apply-objects.ts';
import { StatefulSet } from '../../../hosted/kinds.ts';
import type { PlaneCertificates } from '../../../hosted/plane.ts';
import { ownedObjects, type HostedScope } from '../scope.ts';

const secretAgainMs = 10_000;
const dataSourceKey = 'K0SMOTRON_KINE_DATASOURCE_URL';

/**
 * Everything that pods need, then the pods. API servers come once etcd exists, since they end themselves without it.
 *
 * @throws TerminalError `InvalidStorage` when the state cannot be kept as the spec says
 */
export const ensureObjects: Step<HostedScope> = {
  name: 'ensure objects',

  async run(scope, signal) {
    const { plane, found, controlPlane } = scope;
    const dataSource = await kineDataSource(scope, signal);
    if (dataSource === null) return lookAgain(secretAgainMs, 'the Secret with the data source of kine');
    const problem = storageProblem(plane.spec, dataSource);
    if (problem) throw new TerminalError('InvalidStorage', problem);
    const world = worldOf(scope, dataSource);
    if (scope.site.elsewhere) await applyObjects(scope, certificateCopies(plane, found.certificates ?? {}), signal);
    if (world.etcd) await applyObjects(scope, etcdObjects(plane, world), signal);
    if (found.etcd?.recorded === false && !controlPlane) return done;
    await applyObjects(scope, controlPlaneObjects(plane, world), signal);
    return removeUnwanted(scope, signal);
  },
};

function worldOf(scope: HostedScope, kineDataSource: string | undefined): HostedWorld {
  const { plane, found, cluster } = scope;
  const { certificates = {} } = found;
  const proxy = certificates['ingress-haproxy'];
  return {
    k0sTag: imageTag(cluster.spec.version),
    ...(found.endpoint && { externalAddress: found.endpoint.host }),
    serviceAddresses: (found.services ?? []).flatMap(({ spec }) =>
      spec?.clusterIP && spec.clusterIP !== 'None' ? [spec.clusterIP] : [],
    ),
    ...(found.etcd && { etcd: etcdIntent(found.etcd, etcdReplicas(plane.spec)) }),
    replicas: controlPlaneReplicas(plane.spec),
    certificatesHash: hashOf(certificates, mountedByApiServers(scope)),
    etcdCertificatesHash: hashOf(certificates, ['etcd']),
    ...(certificates.ca && proxy && { ingressCertificate: { ...proxy, caPem: certificates.ca.certPem } }),
    ...(kineDataSource !== undefined && { kineDataSource }),
  };
}

/** etcd reads a renewed certificate by itself; NATS does not, so its pods are rolled. */
const mountedByApiServers = ({ plane }: HostedScope): readonly (keyof PlaneCertificates)[] => [
  ...(['ca', 'sa', 'proxy', 'etcd', 'apiserver-etcd-client'] as const),
  ...(hasNats(plane.spec) ? (['etcd-peer'] as const) : []),
];

/** Over public halves only, since it stands in an annotation. */
const hashOf = (certificates: PlaneCertificates, types: readonly (keyof PlaneCertificates)[]): string =>
  createHash('sha256')
    .update(types.map((type) => fingerprint(certificates[type]?.certPem ?? '')).join())
    .digest('hex')
    .slice(0, 16);

/** Undefined where the plane needs none from a Secret, null where the Secret is not there yet. */
async function kineDataSource(
  { run, plane, clusterKey, found }: HostedScope,
  signal: AbortSignal,
): Promise<string | undefined | null> {
  const { type, kine } = plane.spec.storage;
  const name = kine?.dataSourceSecretName;
  if (type !== 'kine' || !name) return undefined;
  const secret = await run.kube.get(Secret, { namespace: clusterKey.namespace, name }, signal);
  const value = secret?.data?.[dataSourceKey];
  // A line end is easily written into a Secret, and is part of no data source.
  if (value !== undefined) return Buffer.from(value, 'base64').toString('utf8').trim();
  found.apiServerHold = `waiting for Secret ${name} with the key ${dataSourceKey}`;
  return null;
}

/** What an earlier spec wanted and this one does not. StatefulSets hold data, so none goes with a change of a field. */
async function removeUnwanted(scope: HostedScope, signal: AbortSignal) {
  const nameOf = ({ kind, metadata }: KubeObject): string => `${kind} ${keyOf(metadata)}`;
  const wanted = new Set(scope.found.wanted.map(nameOf));
  const unwanted = ownedObjects(scope).filter(
    ({ kind, object }) => kind !== StatefulSet && !isDeleting(object) && !wanted.has(nameOf(object)),
  );
  for (const { kind, object } of unwanted) {
    const { namespace, name, uid } = object.metadata;
    await scope.site.kube.remove(kind, { namespace, name }, { uid }, signal);
  }
  return unwanted.length > 0 ? waitingOn('objects that are no longer wanted to go') : done;
}
