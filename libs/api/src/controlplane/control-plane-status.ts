import { z, type Column } from '@k0smotron/crd';
import { conditions } from '../declarations/fields/meta.ts';
import { initializationNotEmpty, runningVersions } from '../declarations/fields/status.ts';
import { columns, type ApiVersionName } from '../declarations/versions.ts';

const counter = (what: string) => z.int32().optional().describe(what);

const initialized = {
  controlPlaneInitialized: z.boolean().optional().describe('The API has answered once; never goes back.'),
};

const v1beta1Fields = () => ({
  ready: z.boolean().optional().describe('At least one controller is ready.'),
  initialized: z.boolean().optional().describe('The API has answered once; never goes back.'),
  initialization: z.object(initialized).optional().describe('What Cluster API waits for.'),
  updatedReplicas: counter('Controllers that are as the spec wants them.'),
  unavailableReplicas: counter('Controllers that are missing or do not answer.'),
});

const v1beta2Fields = () => ({
  initialization: initializationNotEmpty(initialized),
  availableReplicas: counter('Controllers that have been ready long enough.'),
  upToDateReplicas: counter('Controllers that are as the spec wants them.'),
});

/** Status of a control plane, as the contract of the version reads it; `replicas` names what its replicas are. */
export const controlPlaneStatus = (version: ApiVersionName, replicas: 'Machines' | 'pods') =>
  z.object({
    ...(version === 'v1beta1' ? v1beta1Fields() : v1beta2Fields()),
    externalManagedControlPlane: z.boolean().optional().describe('Controllers have no Node objects.'),
    replicas: counter('Controllers that exist and are not being deleted.'),
    readyReplicas: counter('Controllers whose etcd member and API server answer.'),
    version: z.string().optional().describe('Lowest version that runs, in the notation of spec.version.'),
    versions: runningVersions(),
    selector: z.string().optional().describe(`Selects the ${replicas} of the control plane, for scale.`),
    conditions: conditions(),
  });

const counterColumns = (version: ApiVersionName) =>
  version === 'v1beta1'
    ? ([
        { name: 'Updated', path: '.status.updatedReplicas', type: 'integer' },
        { name: 'Unavailable', path: '.status.unavailableReplicas', type: 'integer' },
      ] as const)
    : ([
        { name: 'UpToDate', path: '.status.upToDateReplicas', type: 'integer' },
        { name: 'Available', path: '.status.availableReplicas', type: 'integer' },
      ] as const);

/** What `kubectl get` prints of a control plane. */
export const controlPlaneColumns = (version: ApiVersionName): readonly Column[] => [
  columns.cluster,
  ...(version === 'v1beta1' ? [{ name: 'API Server Available', path: '.status.ready', type: 'boolean' } as const] : []),
  { name: 'Desired', path: '.spec.replicas', type: 'integer', priority: 10 },
  { name: 'Replicas', path: '.status.replicas', type: 'integer' },
  { name: 'Ready', path: '.status.readyReplicas', type: 'integer' },
  ...counterColumns(version),
  columns.age,
  { name: 'Version', path: '.spec.version' },
];
