import { describe, expect, it } from '@jest/globals';
import { annotations, conditionTypes, ControlNode, Machine, Plan, type K0sControlPlane } from '@k0smotron/api';
import { apiVersionOf } from '@k0smotron/core';
import { planId, planName } from '@k0smotron/k0s';
import { NotFoundError, UnreachableError } from '@k0smotron/kube';
import { aPlane, noSignal, type Plane, type PlaneOptions } from '../../testing/a-plane.ts';
import { settledLookMs } from '../hosts/look.ts';
import { makeMove } from '../reconcilers/k0s-control-plane/steps/make-move.ts';
import { updateInPlace } from './update-in-place.ts';

const before = 'v1.34.4+k0s.0';
const after = 'v1.34.4+k0s.1';
const ours = planId({ role: 'controller', node: 'c-0', version: after });

const controlNode = (k0sVersion: string): object => ({
  apiVersion: apiVersionOf(ControlNode),
  kind: ControlNode.kind,
  metadata: { name: 'c-0' },
  status: { k0sVersion },
});
const plan = (id: string, state: string): object => ({
  apiVersion: apiVersionOf(Plan),
  kind: Plan.kind,
  metadata: { name: planName, creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { id, timestamp: '', commands: [] },
  status: { state },
});
const planeWith = (workload: readonly object[], spec: PlaneOptions['spec'] = {}): Plane =>
  aPlane({ controllers: [{ version: before }], spec: { version: after, ...spec }, workload });
const update = ({ scope }: Pick<Plane, 'scope'>) => updateInPlace(scope, { kind: 'update', name: 'c-0' }, noSignal);
const machineVersion = async ({ management }: Plane) =>
  (await management.get(Machine, { namespace: 'ns', name: 'c-0' }))?.spec.version;

describe('an update in place', () => {
  it('is a Plan for one controller, and the Machine says the old version meanwhile', async () => {
    const plane = planeWith([controlNode(before)]);
    expect(await update(plane)).toMatchObject({ kind: 'again' });
    expect((await plane.workload.get(Plan, { name: planName }))?.spec.id).toBe(ours);
    expect(await machineVersion(plane)).toBe(before);
    expect(plane.scope.found.hold).toBe('k0s on c-0 is to become v1.34.4+k0s.1 in place: Autopilot was told');
  });

  it('is made once: a further run waits for Autopilot', async () => {
    const plane = planeWith([controlNode(before)]);
    await update(plane);
    await update({ scope: plane.again() });
    expect(plane.workload.calls.filter(({ verb }) => verb === 'create').length).toBe(1);
    plane.scope.memory.planWatch?.close();
  });

  it('is done when k0s reports the version, whoever brought it there', async () => {
    const plane = planeWith([controlNode(after)]);
    await update(plane);
    expect(await machineVersion(plane)).toBe(after);
    expect(plane.workload.calls.filter(({ verb }) => verb === 'create')).toEqual([]);
  });

  it('is not done while Autopilot is still at that node', async () => {
    const plane = planeWith([controlNode(after), plan(ours, 'SchedulableWait')]);
    await update(plane);
    expect(await machineVersion(plane)).toBe(before);
    plane.scope.memory.planWatch?.close();
  });

  it('says so when another program than the wanted one came from the download', async () => {
    const plane = planeWith([controlNode('v1.34.4+k0s.9'), plan(ours, 'SchedulableWait')]);
    await update(plane);
    expect(plane.scope.found.hold).toContain('the download gave k0s v1.34.4+k0s.9 instead');
    plane.scope.memory.planWatch?.close();
  });

  it('that failed stays there, with what to do, until something else is wished', async () => {
    const plane = planeWith([controlNode(before), plan(ours, 'ApplyFailed')]);
    await update(plane);
    expect(plane.scope.found.hold).toMatch(/ApplyFailed.*set the annotation .*update-attempt/);
    expect((await plane.workload.get(Plan, { name: planName }))?.spec.id).toBe(ours);

    const again = plane.again();
    const metadata = { ...again.plane.metadata, annotations: { [annotations.updateAttempt]: '2' } };
    const changed: K0sControlPlane = { ...again.plane, metadata };
    await update({ scope: { ...again, plane: changed } }); // takes the failed Plan away
    await update({ scope: { ...again, plane: changed } });
    const id = (await plane.workload.get(Plan, { name: planName }))?.spec.id;
    expect(id).toBe(planId({ role: 'controller', node: 'c-0', version: after, attempt: '2' }));
    plane.scope.memory.planWatch?.close();
  });

  it('waits for a Plan of others', async () => {
    const plane = planeWith([controlNode(before), plan('id-of-somebody', 'Schedulable')]);
    await update(plane);
    expect(plane.scope.found.hold).toContain('id-of-somebody, is not ours and has not ended');
    expect((await plane.workload.get(Plan, { name: planName }))?.spec.id).toBe('id-of-somebody');
    plane.scope.memory.planWatch?.close();
  });

  it('is woken by each change of the Plan', async () => {
    const plane = planeWith([controlNode(before), plan(ours, 'Schedulable')]);
    const woken = new Promise((resolve) => plane.scope.hosts.source(resolve));
    await update(plane);
    await plane.workload.remove(Plan, { name: planName });
    expect(await woken).toEqual(plane.run.key);
  });

  it.each([
    ['the cluster runs no Autopilot', new NotFoundError(404, 'NotFound', 'no such kind')],
    ['the API of the cluster does not answer', new UnreachableError('refused')],
  ])('says that %s', async (expected, error) => {
    const plane = planeWith([]);
    const workloads = {
      client: () => Promise.resolve({ ...plane.workload, get: () => Promise.reject(error) }),
    } as never;
    const scope = { ...plane.scope, workloads };
    expect(await update({ scope })).toMatchObject({ kind: 'again' });
    expect(scope.found.hold).toContain(expected);
  });

  it('says that Autopilot cannot use the source', async () => {
    const plane = planeWith([controlNode(before)], { k0sConfigSpec: { downloadURL: 'oci://registry/k0s' } });
    await update(plane);
    expect(plane.scope.found.hold).toContain('http and https only');
  });
});

describe('an update in place of workers', () => {
  const worker = (name: string, over: { optedIn?: boolean; healthy?: boolean; version?: string } = {}): Machine => ({
    apiVersion: apiVersionOf(Machine),
    kind: Machine.kind,
    metadata: {
      namespace: 'ns',
      name,
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      annotations: over.optedIn === false ? {} : { [annotations.updateInPlace]: '' },
    },
    spec: {
      clusterName: 'c',
      version: over.version ?? before,
      bootstrap: {},
      infrastructureRef: { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'RemoteMachine', name },
    },
    status: {
      nodeRef: { name: `node-${name}` },
      conditions: [
        {
          type: conditionTypes.nodeHealthy,
          status: over.healthy === false ? 'Unknown' : 'True',
          reason: '',
          message: '',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    },
  });
  const withWorkers = (workers: readonly Machine[], workload: readonly object[] = []) => {
    const plane = aPlane({ controllers: [{ version: after }], spec: { version: after }, workload });
    const stored = workers.map((machine) => {
      const { uid } = plane.management.seed(machine).metadata;
      return { ...machine, metadata: { ...machine.metadata, uid } };
    });
    return { plane, update: () => makeMove.run({ ...plane.scope, workers: stored }, noSignal) };
  };
  const ofWorker = planId({ role: 'worker', node: 'node-a', version: after });

  it('is a Plan for one Node', async () => {
    const { plane, update } = withWorkers([worker('b'), worker('a')]);
    expect(await update()).toMatchObject({ kind: 'again' });
    expect((await plane.workload.get(Plan, { name: planName }))?.spec.id).toBe(ofWorker);
  });

  it('is done when Autopilot says so', async () => {
    const { plane, update } = withWorkers([worker('a')], [plan(ofWorker, 'Completed')]);
    await update();
    expect((await plane.management.get(Machine, { namespace: 'ns', name: 'a' }))?.spec.version).toBe(after);
    plane.scope.memory.planWatch?.close();
  });

  it.each([
    ['was not opted in', { optedIn: false }],
    ['is not healthy', { healthy: false }],
    ['has the version already', { version: 'v1.34.4-k0s.1' }],
    ['is further on', { version: 'v1.34.5+k0s.0' }],
  ])('leaves one alone that %s', async (_, over) => {
    const { plane, update } = withWorkers([worker('a', over)]);
    expect(await update()).toMatchObject({ kind: 'again', afterMs: settledLookMs });
    expect(plane.workload.calls).toEqual([]);
  });
});
