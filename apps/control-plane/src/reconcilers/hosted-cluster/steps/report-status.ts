import { isDeleting } from '@k0smotron/core';
import { controlPlaneReplicas, hasEtcd, selectorLabels } from '@k0smotron/hosted';
import type { Pod } from '../../../hosted/kinds.ts';
import { isReady, isUpToDate, podProblem } from '../../../hosted/pods.ts';
import type { HostedScope } from '../scope.ts';

/** Writes counters and conditions from the one picture of this run. */
export function reportStatus(scope: HostedScope): void {
  const { run, plane, pods, controlPlane } = scope;
  const staying = pods.filter((pod) => !isDeleting(pod));
  const updated = staying.filter((pod) => isReady(pod) && controlPlane && isUpToDate(pod, controlPlane)).length;
  const selector = Object.entries(selectorLabels(plane, 'cluster')).map(([key, value]) => `${key}=${value}`);
  run.status.selector = selector.sort().join(',');
  run.status.replicas = staying.length;
  run.status.readyReplicas = staying.filter(isReady).length;
  run.status.updatedReplicas = updated;
  run.status.deprecated = { v1beta1: { ready: staying.filter(isReady).length === controlPlaneReplicas(plane.spec) } };
  if (isDeleting(scope.cluster)) return;
  run.report({ type: 'Deleting', status: 'False', reason: 'NotDeleting', message: '' });
  reportEtcd(scope);
  reportVolumes(scope);
  reportApiServers(scope, staying, updated);
  reportFunctional(scope);
}

function reportEtcd({ run, plane, found, etcdPods }: HostedScope): void {
  const type = 'EtcdReady';
  if (!hasEtcd(plane.spec)) return run.report({ type, status: 'True', reason: 'NotManaged', message: '' });
  if (!found.etcd) return; // not looked at in this run: what was known stays (C-04)
  const { members, unknown } = found.etcd.view;
  const reasons = [found.etcdHold, unknown].filter((text) => text !== undefined);
  const why = [...new Set([...reasons, ...problemsOf(etcdPods)])].join('; ');
  if (members.length === 0) {
    const message = why || 'The members are being started';
    return run.report({ type, status: 'False', reason: found.etcd.recorded ? 'NotObserved' : 'Starting', message });
  }
  const healthy = members.filter((member) => member.healthy === true && member.learner === false).length;
  const status = healthy === members.length ? 'True' : 'False';
  if (status === 'True' && !why) return run.report({ type, status, reason: 'Healthy', message: '' });
  const count = `${healthy} of ${members.length} members are healthy voters`;
  run.report({ type, status, reason: 'Changing', message: why ? `${count}: ${why}` : count });
}

function reportVolumes({ run, found, etcd, controlPlane }: HostedScope): void {
  const type = 'VolumesResized';
  if (found.volumes) return run.report({ type, status: 'False', ...found.volumes });
  const none = !etcd && !controlPlane;
  run.report({ type, status: 'True', reason: none ? 'NotMadeYet' : 'Resized', message: '' });
}

function reportApiServers(scope: HostedScope, pods: readonly Pod[], updated: number): void {
  const { run, plane } = scope;
  const wanted = controlPlaneReplicas(plane.spec);
  const ready = pods.filter(isReady).length;
  const what = problemsOf(pods).join('; ') || missing(scope);
  const tell = (type: string, status: boolean, [yes, no]: readonly [string, string], message: string): void =>
    run.report({ type, status: status ? 'True' : 'False', reason: status ? yes : no, message });

  const enough = ready >= wanted;
  const readyMessage = enough ? '' : `${ready} of ${wanted} API servers are ready: ${what}`;
  tell('APIServerReady', enough, ['Ready', scope.found.apiServerHold ? 'DataSourceMissing' : 'NotReady'], readyMessage);
  const scaling = pods.length !== wanted;
  const scalingMessage = scaling ? `${pods.length} pods, ${wanted} wanted` : '';
  tell('ControlPlaneScaling', scaling, ['Scaling', 'NotScaling'], scalingMessage);
  const upToDate = updated === wanted && !scaling;
  const oldMessage = upToDate ? '' : `${updated} of ${wanted} API servers are ready and as the spec wants them`;
  tell('ControlPlaneUpToDate', upToDate, ['UpToDate', 'NotUpToDate'], oldMessage);
}

const missing = ({ found, controlPlane }: HostedScope): string =>
  found.apiServerHold ??
  (found.etcd?.recorded === false && !controlPlane ? 'waiting for etcd' : 'the pods are being made');

/** One API server that answers at the endpoint is enough; what the others lack is in `APIServerReady`. */
export function reportFunctional({ run, found, pods, cluster }: HostedScope): void {
  const api = found.api ?? (pods.some(isReady) ? undefined : { problem: 'no API server is ready yet' });
  // Not asked in this run: what was known stays (C-04).
  if (!api && cluster.status?.conditions?.some(({ type }) => type === 'ControlPlaneFunctional')) return;
  const message = problemOf(api);
  const status = message === '' ? 'True' : 'False';
  const good = status === 'True';
  run.report({ type: 'ControlPlaneFunctional', status, reason: good ? 'Functional' : 'NotFunctional', message });
  if (found.failed) return;
  run.report({ type: 'Available', status, reason: good ? 'Available' : 'NotAvailable', message });
}

function problemOf(api: HostedScope['found']['api']): string {
  if (!api) return 'the API was not asked yet';
  return 'problem' in api ? api.problem : '';
}

const problemsOf = (pods: readonly Pod[]): readonly string[] => pods.flatMap((pod) => podProblem(pod) ?? []);
