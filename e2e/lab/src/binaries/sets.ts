import { LabError } from '../lab-error.ts';

/** Everything that the lab runs and did not write itself. Names ending in `-1.34` are the machines' Kubernetes. */
export type BinaryName =
  | 'etcd'
  | 'etcdctl'
  | 'etcdutl'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kubectl'
  | 'nats-server'
  | 'gofakes3'
  | 'cluster-api'
  | 'clusterctl'
  | 'kube-apiserver-1.34'
  | 'kube-controller-manager-1.34'
  | 'kube-scheduler-1.34'
  | 'kubelet-1.34'
  | 'containerd'
  | 'containerd-shim-runc-v2'
  | 'kube-proxy-1.34'
  | 'coredns'
  | 'pause'
  | 'kine';

/** Binaries of one module file, built by one `go build` since they share nearly all packages. */
export interface BinarySet {
  /** Also the folder under `modules/`. */
  readonly name: string;
  /** Pinned version, as reports show it. */
  readonly version: string;
  /** What is built: binary → package. */
  readonly packages: Readonly<Partial<Record<BinaryName, string>>>;
  readonly ldflags: string;
  readonly tags?: string;
  /** Has parts in C, so it is built with a C compiler and linked statically. */
  readonly cgo?: boolean;
  /** Built when somebody asks for it, and not beforehand: few do. */
  readonly onDemand?: boolean;
  /** Seconds that a build took on two cores with nothing cached; shown to whoever waits. */
  readonly buildSeconds: number;
  /** Folder of the module with its kustomization, where it has one that is needed. */
  readonly manifests?: string;
  /** How a copy found in PATH shows that it is the same minor version; without it PATH is not looked at. */
  readonly inPath?: { readonly args: readonly string[]; readonly version: RegExp };
}

/** A server built without its version reports v0.0.0, and clients refuse that. */
function kubernetesVersion(gitVersion: string): string {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)\./.exec(gitVersion) ?? [];
  const values = { gitVersion, gitMajor: major, gitMinor: minor };
  return ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']
    .flatMap((path) => Object.entries(values).map(([key, value]) => `-X ${path}.${key}=${value}`))
    .join(' ');
}

const strip = '-s -w';

/** The core versions that a lab can run, by minor; 1.14 moved its main package, and with it the manifests. */
const clusterApiVersions: Readonly<
  Record<string, { readonly module: string; readonly version: string; readonly at: string }>
> = {
  '1.13': { module: 'cluster-api', version: '1.13.6', at: '' },
  '1.14': { module: 'cluster-api-1.14', version: '1.14.2', at: '/core' },
};

const wantedClusterApi = process.env['K0SMOTRON_LAB_CAPI'] || '1.13';

/** @throws LabError when the environment asks for a version that there is not. */
export function assertKnownVersions(): void {
  if (clusterApiVersions[wantedClusterApi]) return;
  const known = Object.keys(clusterApiVersions).join(' and ');
  throw new LabError(`K0SMOTRON_LAB_CAPI=${wantedClusterApi}: Cluster API core can be had in ${known}`);
}

/** Cluster API core in the version that `K0SMOTRON_LAB_CAPI` names, 1.13 unless set. */
function clusterApiSet(): BinarySet {
  const fallback = { module: 'cluster-api', version: '1.13.6', at: '' }; // refused before it is used
  const { module, version, at } = clusterApiVersions[wantedClusterApi] ?? fallback;
  const [major, minor] = version.split('.');
  return {
    name: module,
    version,
    packages: { 'cluster-api': `sigs.k8s.io/cluster-api${at}`, clusterctl: 'sigs.k8s.io/cluster-api/cmd/clusterctl' },
    ldflags: `${strip} ${[`gitVersion=v${version}`, `gitMajor=${major}`, `gitMinor=${minor}`, 'gitTreeState=clean']
      .map((pair) => `-X sigs.k8s.io/cluster-api/version.${pair}`)
      .join(' ')}`,
    buildSeconds: 130,
    manifests: `${at.slice(1)}${at && '/'}config/default`,
  };
}

/** In the order in which the rest of a lab needs them. */
export const binarySets: readonly BinarySet[] = [
  {
    name: 'etcd',
    version: '3.6.8',
    packages: {
      etcd: 'go.etcd.io/etcd/server/v3',
      etcdctl: 'go.etcd.io/etcd/etcdctl/v3',
      etcdutl: 'go.etcd.io/etcd/etcdutl/v3',
    },
    ldflags: strip,
    buildSeconds: 65,
    inPath: { args: ['version'], version: /version: 3\.6\./i },
  },
  {
    name: 'nats-server',
    version: '2.15.2',
    packages: { 'nats-server': 'github.com/nats-io/nats-server/v2' },
    ldflags: strip,
    buildSeconds: 40,
    inPath: { args: ['--version'], version: /v2\.15\./ },
  },
  // An S3 service in memory. Small, so a suite that needs no more than it does not wait for Kubernetes.
  {
    name: 'gofakes3',
    version: '1.2.0',
    packages: { gofakes3: 'github.com/johannesboyne/gofakes3/cmd/gofakes3' },
    ldflags: strip,
    buildSeconds: 15,
  },
  {
    name: 'kubernetes-1.36',
    version: '1.36.3',
    packages: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
    },
    ldflags: `${strip} ${kubernetesVersion('v1.36.3')}`,
    buildSeconds: 360,
    inPath: { args: ['--version'], version: /v1\.36\./ },
  },
  clusterApiSet(),
  {
    name: 'kubernetes-1.34',
    version: '1.34.4',
    packages: {
      'kube-apiserver-1.34': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager-1.34': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-scheduler-1.34': 'k8s.io/kubernetes/cmd/kube-scheduler',
      'kubelet-1.34': 'k8s.io/kubernetes/cmd/kubelet',
    },
    // Real k0s reports `+k0s` without a number, and Cluster API compares a node's version with the Machine's.
    ldflags: `${strip} ${kubernetesVersion('v1.34.4+k0s')}`,
    buildSeconds: 400,
  },
  {
    name: 'containerd',
    version: '2.3.2',
    packages: {
      containerd: 'github.com/containerd/containerd/v2/cmd/containerd',
      'containerd-shim-runc-v2': 'github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2',
    },
    ldflags: `${strip} -X github.com/containerd/containerd/v2/version.Version=v2.3.2`,
    tags: 'no_btrfs no_devmapper no_zfs',
    buildSeconds: 60,
  },
  // What a cluster with a kubelet runs in pods. Its own module file, so that the set above is not built again for it.
  {
    name: 'kube-proxy-1.34',
    version: '1.34.4',
    packages: { 'kube-proxy-1.34': 'k8s.io/kubernetes/cmd/kube-proxy' },
    ldflags: `${strip} ${kubernetesVersion('v1.34.4')}`,
    buildSeconds: 130,
  },
  {
    name: 'coredns',
    version: '1.14.7',
    packages: { coredns: '.' },
    ldflags: strip,
    buildSeconds: 60,
  },
  { name: 'pause', version: '3', packages: { pause: '.' }, ldflags: strip, buildSeconds: 2 },
  {
    name: 'kine',
    version: '0.14.11',
    packages: { kine: 'github.com/k3s-io/kine' },
    ldflags: `${strip} -extldflags=-static`,
    // The server of NATS is in it, as in the one that k0s brings; SQLite is C.
    tags: 'nats netgo osusergo sqlite_omit_load_extension',
    cgo: true,
    onDemand: true,
    buildSeconds: 210,
  },
];

/** The set that a binary is built in. */
export function setOf(name: BinaryName): BinarySet {
  const set = binarySets.find(({ packages }) => name in packages);
  if (!set) throw new Error(`no module file builds ${name}`);
  return set;
}

/** Names of a set's binaries. */
export function namesOf(set: BinarySet): BinaryName[] {
  return Object.keys(set.packages) as BinaryName[];
}
