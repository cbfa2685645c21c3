/** One of our services as Cluster API's tools know it. */
export interface Provider {
  /** Name of the service, of its folder and of its image. */
  readonly service: string;
  /** clusterctl's type (contract K-04). */
  readonly type: 'BootstrapProvider' | 'ControlPlaneProvider' | 'InfrastructureProvider' | 'AddonProvider';
  /** Which clusterctl puts before the provider's name to make its label. */
  readonly prefix: string;
  /** Measured at rest and with work (docs/benchmarks.md), with room for many clusters. */
  readonly memory: { readonly request: string; readonly limit: string };
  /** True when its kinds have two versions, between which its webhook converts. */
  readonly converts: boolean;
  /** True when it works on hosts. */
  readonly ssh: boolean;
}

/** The name under which clusterctl knows us; it is built in there (SR-17). */
export const providerName = 'k0sproject-k0smotron';

const memory = { request: '128Mi', limit: '512Mi' };

/** What is released, one package each. */
export const providers: readonly Provider[] = [
  { service: 'bootstrap', type: 'BootstrapProvider', prefix: 'bootstrap', memory, converts: true, ssh: false },
  {
    service: 'control-plane',
    type: 'ControlPlaneProvider',
    prefix: 'control-plane',
    memory,
    converts: true,
    ssh: true,
  },
  {
    service: 'infrastructure',
    type: 'InfrastructureProvider',
    prefix: 'infrastructure',
    memory,
    converts: true,
    ssh: true,
  },
  { service: 'etcd-snapshot', type: 'AddonProvider', prefix: 'addon', memory, converts: false, ssh: false },
];

/** clusterctl's label of a provider, also the name of its folder in a repository. */
export const labelOf = ({ prefix }: Provider): string => `${prefix}-${providerName}`;

/** File of a package in a repository (contract K-02). */
export const componentsFile = ({ prefix }: Provider): string => `${prefix}-components.yaml`;

/** Name of a service's objects in a cluster, its ServiceAccount among them: the Secret guards know it. */
export const objectName = ({ service }: Provider): string => `k0smotron-${service}`;

/** Each provider has a namespace of its own (SR-17); clusterctl may put it elsewhere. */
export const namespaceOf = (provider: Provider): string => `${objectName(provider)}-system`;

/** Where images are unless `npm run release -- --images` says otherwise. */
export const defaultImages = 'ghcr.io/k0sproject';

/** Image of a service, spelled out so that clusterctl can override it (contract K-13). */
export const imageOf = (
  { service }: Provider,
  { images, tag }: { readonly images: string; readonly tag: string },
): string => `${images}/k0smotron-ts-${service}:${tag}`;
