import { annotations, K0sControllerConfig, labels, Machine } from '@k0smotron/api';
import { controllerRef, ownerRef, type KubeObject, type Kind } from '@k0smotron/core';
import { runsWorker } from '@k0smotron/k0s';
import { AlreadyExistsError } from '@k0smotron/kube';
import type { RemediationRecord } from '@k0smotron/rollout';
import type { ControlPlaneScope } from '../reconcilers/k0s-control-plane/scope.ts';
import { fieldManager, remediationForAnnotation } from '../names.ts';
import { infrastructureKind } from './infrastructure-kind.ts';
import { machineSettings, ownLabels, templateMetadata } from './from-template.ts';
import type { Propagated } from './propagated.ts';
import { recordAfter, recordAnnotations } from './propagation-record.ts';
import { templateReference } from './template-reference.ts';

/** A template of infrastructure machines, of whatever provider. */
interface MachineTemplateObject extends KubeObject {
  readonly spec: {
    readonly template: {
      readonly metadata?: { readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> };
      readonly spec?: Record<string, unknown>;
    };
  };
}

interface InfrastructureMachine extends KubeObject {
  readonly spec?: unknown;
}

/** What the planner decided about a controller to be made. */
export interface NewController {
  readonly name: string;
  readonly failureDomain?: string;
  /** The remediation that it ends: what is known of machines that failed in its place before. */
  readonly replaces?: RemediationRecord;
}

/**
 * Makes a controller: infrastructure machine, config, Machine, all of one name (CP-21). The name is decided before, so a
 * repeat after a crash finds what is there and makes only what is missing: never a second machine, never an orphan.
 * `begins` marks the one that starts the cluster.
 */
export async function createController(
  scope: ControlPlaneScope,
  controller: NewController,
  { begins }: { readonly begins: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { run, plane } = scope;
  const { name } = controller;
  const reference = templateReference(plane);
  const templateKind = await infrastructureKind(run.kube, reference, signal);
  const machineKind = { ...templateKind, ...singular(templateKind) };
  const template = await run.kube.get(
    templateKind as Kind<MachineTemplateObject>,
    { namespace: run.key.namespace, name: reference.name },
    signal,
  );
  if (!template)
    throw new Error(`${reference.kind} ${reference.name} is not there: create it or correct spec.machineTemplate`);

  await create(
    run.kube.create(
      machineKind as Kind<InfrastructureMachine>,
      infrastructureIntent(scope, name, template),
      { fieldManager },
      signal,
    ),
  );
  await create(run.kube.create(K0sControllerConfig, configIntent(scope, name, begins), { fieldManager }, signal));
  const machine = await create(
    run.kube.create(Machine, machineIntent(scope, controller, machineKind), { fieldManager }, signal),
  );
  if (machine) run.expectWritten(machine);
  run.event('Normal', 'ControllerCreated', `Machine ${name} created`);
}

/** Being there already is what we want. */
async function create<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (cause) {
    if (cause instanceof AlreadyExistsError) return undefined;
    throw cause;
  }
}

const singular = ({ kind, plural }: Kind): Pick<Kind, 'kind' | 'plural'> => ({
  kind: kind.replace(/Template$/, ''),
  plural: plural.replace(/templates$/, 's'),
});

/** Labels and annotations that all three objects get, with the record by which later changes reach them (CP-24). */
function metadataOf({ plane, clusterKey }: ControlPlaneScope, settings: Propagated = {}) {
  const { labels: wanted, annotations: notes } = templateMetadata(plane);
  const record = recordAfter({}, { labels: wanted, annotations: notes, ...settings });
  return {
    labels: { ...wanted, ...ownLabels(plane, clusterKey.name) },
    annotations: { ...notes, ...recordAnnotations(record) },
  };
}

function infrastructureIntent(scope: ControlPlaneScope, name: string, template: MachineTemplateObject) {
  const { plane, run } = scope;
  const { metadata, spec } = template.spec.template;
  const { group, kind } = templateReference(plane);
  const ours = metadataOf(scope);
  return {
    metadata: {
      name,
      namespace: run.key.namespace,
      labels: { ...metadata?.labels, ...ours.labels },
      annotations: {
        ...metadata?.annotations,
        ...ours.annotations,
        [annotations.clonedFromName]: template.metadata.name,
        [annotations.clonedFromGroupKind]: `${kind}.${group}`,
      },
      ownerReferences: [ownerRef(plane)], // not controller: that will be the Machine (OR-3)
    },
    spec: spec ?? {},
  };
}

function configIntent(scope: ControlPlaneScope, name: string, begins: boolean) {
  const { plane, run } = scope;
  const ours = metadataOf(scope);
  return {
    metadata: {
      name,
      namespace: run.key.namespace,
      labels: ours.labels,
      annotations: { ...ours.annotations, ...(begins ? { [annotations.joinFrom]: 'none' } : {}) },
      ownerReferences: [ownerRef(plane)],
    },
    spec: { ...plane.spec.k0sConfigSpec, version: plane.spec.version },
  };
}

function machineIntent(
  scope: ControlPlaneScope,
  { name, failureDomain, replaces }: NewController,
  infrastructure: Kind,
) {
  const { plane, run, clusterKey } = scope;
  const settings = machineSettings(plane);
  const ours = metadataOf(scope, settings);
  const workerEnabled = runsWorker(plane.spec.k0sConfigSpec.args ?? []);
  return {
    metadata: {
      name,
      namespace: run.key.namespace,
      labels: { ...ours.labels, ...(workerEnabled ? { [labels.controlPlaneWorkerEnabled]: 'true' } : {}) },
      annotations: {
        ...ours.annotations,
        [annotations.preTerminateHook]: '',
        [annotations.k0sConfig]: JSON.stringify(plane.spec.k0sConfigSpec),
        ...(replaces ? { [remediationForAnnotation]: JSON.stringify(replaces) } : {}),
      },
      ownerReferences: [controllerRef(plane)],
    },
    spec: {
      clusterName: clusterKey.name,
      version: plane.spec.version,
      ...(failureDomain ? { failureDomain } : {}),
      bootstrap: {
        configRef: { apiGroup: K0sControllerConfig.group, kind: K0sControllerConfig.kind, name },
      },
      infrastructureRef: { apiGroup: infrastructure.group, kind: infrastructure.kind, name },
      ...settings.spec,
      ...(Object.keys(settings.deletion).length > 0 ? { deletion: settings.deletion } : {}),
    },
  };
}
