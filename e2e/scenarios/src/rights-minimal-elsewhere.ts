import { services } from './system/services.ts';

const diagnostics = 'secured diagnostics, which the lab has not: libs/runtime, http-servers.test.ts';
const repeats = 'an Event that repeats after a restart: libs/runtime, event-recorder.ts';
const failing = 'an Event when a run fails: libs/runtime, controller-loop.test.ts';
const conflicts = 'finalizers that somebody else changes at the same moment: libs/runtime, finalizers.ts';
const blocking = 'asked of writers of blockOwnerDeletion by an admission plugin that the lab has not (R-02)';
const joining = 'a second controller: restarts.scenario.test.ts';
const late = 'a kind that is not served yet: libs/runtime/test/late-kinds.it.test.ts';

const hosting = 'control planes in pods: hosted.scenario.test.ts, apps/control-plane/test';

/** What is only written, or asked for by name, where there is a hosted Cluster or a request for a token of one. */
const hosted: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    [
      'services',
      'configmaps',
      'statefulsets.apps',
      'networkpolicies.networking.k8s.io',
      'ingresses.networking.k8s.io',
      'poddisruptionbudgets.policy',
      'cronjobs.batch',
    ].map((resource) => [resource, ['get', 'create', 'patch', 'delete']]),
  ),
  pods: ['delete'],
  persistentvolumeclaims: ['patch', 'delete'],
  nodes: ['list'],
  'clusters.k0smotron.io': ['get', 'create', 'patch', 'delete'],
  'clusters/status.k0smotron.io': ['patch'],
  'clusters/finalizers.k0smotron.io': ['update'],
  'jointokenrequests.k0smotron.io': ['get', 'patch'],
  'jointokenrequests/status.k0smotron.io': ['patch'],
  'jointokenrequests/finalizers.k0smotron.io': ['update'],
  'k0smotroncontrolplanes.controlplane.cluster.x-k8s.io': ['get', 'patch'],
  'k0smotroncontrolplanes/status.controlplane.cluster.x-k8s.io': ['patch'],
  'k0smotroncontrolplanes/finalizers.controlplane.cluster.x-k8s.io': ['update'],
};

/** Rights that the recorded scenario does not need, or not always, and what needs them. */
export const neededElsewhere: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    services.flatMap(({ name }) => [
      [`${name}: create tokenreviews.authentication.k8s.io`, diagnostics],
      [`${name}: create subjectaccessreviews.authorization.k8s.io`, diagnostics],
    ]),
  ),
  ...Object.fromEntries(
    services.flatMap(({ name }) => [
      [`${name}: patch events.events.k8s.io`, repeats],
      [`${name}: list customresourcedefinitions.apiextensions.k8s.io`, late],
      [`${name}: watch customresourcedefinitions.apiextensions.k8s.io`, late],
    ]),
  ),
  'bootstrap: get k0scontrollerconfigs.bootstrap.cluster.x-k8s.io': conflicts,
  'bootstrap: get k0sworkerconfigs.bootstrap.cluster.x-k8s.io': conflicts,
  'control-plane: get k0scontrolplanes.controlplane.cluster.x-k8s.io': conflicts,
  'etcd-snapshot: get snapshotstores.etcd.k0smotron.io': conflicts,
  'etcd-snapshot: create events.events.k8s.io': failing,
  'infrastructure: update remotemachines/finalizers.infrastructure.cluster.x-k8s.io': blocking,
  'bootstrap: update k0scontrollerconfigs/finalizers.bootstrap.cluster.x-k8s.io': blocking,
  'bootstrap: update k0sworkerconfigs/finalizers.bootstrap.cluster.x-k8s.io': blocking,
  'control-plane: update k0scontrolplanes/finalizers.controlplane.cluster.x-k8s.io': blocking,
  'bootstrap: patch k0scontrollerconfigs.bootstrap.cluster.x-k8s.io': joining,
  'control-plane: patch k0scontrollerconfigs.bootstrap.cluster.x-k8s.io': joining,
  'bootstrap: patch secrets': 'data that lost its owner: contract.scenario.test.ts',
  'control-plane: patch secrets': 'the kubeconfig when half of its life is over: ensure-kubeconfig.ts',
  ...Object.fromEntries(
    Object.entries(hosted).flatMap(([resource, verbs]) =>
      verbs.map((verb) => [`control-plane: ${verb} ${resource}`, hosting]),
    ),
  ),
};
