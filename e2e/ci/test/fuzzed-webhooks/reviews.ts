import fc from 'fast-check';

/** What is sent to a path of the webhooks. */
export interface Attempt {
  readonly path: string;
  readonly body: string;
}

const metadata = { name: 'a', namespace: 'default', annotations: { 'cluster.x-k8s.io/conversion-data': '{"a":' } };
const template = { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'RemoteMachineTemplate', name: 't' };
const file = { path: '/a', contentFrom: { secretRef: { name: 's', key: 'k' } }, permissions: '0600' };
const host = { address: '192.0.2.1', port: 22, user: 'root', sshKeyRef: { name: 'key' }, cleanUpCommands: ['true'] };
const config = {
  args: ['--labels=a=b'],
  files: [file],
  provisioner: { type: 'ignition', ignition: { variant: 'fcos', version: '1.5.0' } },
  k0s: { spec: { api: { port: 6443, extraArgs: { v: '2' } }, extensions: { helm: { charts: [{ name: 'a' }] } } } },
  tunneling: { enabled: true, serverNodePort: 31700, tunnelingNodePort: 31443 },
};
const plane = {
  version: 'v1.34.4+k0s.0',
  replicas: 3,
  updateStrategy: 'Recreate',
  machineTemplate: { spec: { infrastructureRef: template } },
  k0sConfigSpec: config,
};
/** A spec of each kind that has rules or is converted by rules of its own. */
const specs: readonly (readonly [group: string, kind: string, spec: object])[] = [
  ['controlplane', 'K0sControlPlane', plane],
  ['controlplane', 'K0sControlPlaneTemplate', { template: { spec: plane } }],
  ['bootstrap', 'K0sControllerConfig', { version: 'v1.34.4', ...config }],
  ['bootstrap', 'K0sWorkerConfig', { version: 'v1.34.4', ...config }],
  ['infrastructure', 'RemoteMachine', { pool: 'a', ...host, provisionJob: { sshCommand: 'ssh' } }],
  ['infrastructure', 'PooledRemoteMachine', { pool: 'a', machine: host }],
  ['infrastructure', 'RemoteCluster', { controlPlaneEndpoint: { host: 'a', port: 6443 } }],
];
const objects = specs.flatMap(([group, kind, spec]) =>
  ['v1beta1', 'v1beta2'].map((version) => ({
    apiVersion: `${group}.cluster.x-k8s.io/${version}`,
    kind,
    metadata,
    spec,
    status: { conditions: [{ type: 'Ready', status: 'True' }], version: 'v1.33.1', replicas: 1 },
  })),
);
const object = fc.constantFrom(...objects);

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

/** What nobody expects to find; the API server itself would send little of it. */
const junk = fc.oneof(
  { weight: 12, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  fc.constantFrom<unknown>('', -1, 1e308, 'v1', '\u0000\ud800', '__proto__', [[[[]]]], {
    constructor: { prototype: 1 },
  }),
  fc.constantFrom(nested(100), nested(3000)),
  fc.integer({ min: 1, max: 20_000 }).map((length) => 'x'.repeat(length)),
);

/** The value with something else somewhere in it, reached by numbers that say which way to go at each fork. */
function damaged(value: unknown, way: readonly number[], into: unknown): unknown {
  const [turn, ...rest] = way;
  if (turn === undefined || typeof value !== 'object' || value === null) return into;
  const entries = Object.entries(value);
  const [name, child] = entries[turn % (entries.length + 1)] ?? ['more', undefined];
  const made = damaged(child, rest, into);
  return Array.isArray(value)
    ? (value.toSpliced(turn % (value.length + 1), 1, made) as unknown)
    : Object.fromEntries([...entries.filter(([key]) => key !== name), ...(made === undefined ? [] : [[name, made]])]);
}

const damage = <T>(whole: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc
    .tuple(whole, fc.array(fc.nat(12), { maxLength: 9 }), fc.option(junk, { nil: undefined }))
    .map(([value, way, into]) => damaged(value, way, into));

const conversion = fc.record({
  apiVersion: fc.constantFrom('apiextensions.k8s.io/v1', 'apiextensions.k8s.io/v1beta1'),
  kind: fc.constant('ConversionReview'),
  request: fc.record({
    uid: fc.uuid(),
    desiredAPIVersion: fc.constantFrom(...objects.map(({ apiVersion }) => apiVersion)),
    objects: fc.array(fc.oneof(object, damage(object)), { maxLength: 3 }),
  }),
});
const admission = fc.record({
  apiVersion: fc.constant('admission.k8s.io/v1'),
  kind: fc.constant('AdmissionReview'),
  request: fc.record({
    uid: fc.uuid(),
    operation: fc.constantFrom('CREATE', 'UPDATE', 'DELETE'),
    object: fc.oneof(object, damage(object)),
    oldObject: fc.option(fc.oneof(object, damage(object))),
  }),
});

/** JSON as such, cut off, with bytes changed, or no JSON at all. */
const spelled = (value: fc.Arbitrary<unknown>): fc.Arbitrary<string> => {
  const text = value.map((it) => JSON.stringify(it) ?? '');
  return fc.oneof(
    { weight: 12, arbitrary: text },
    fc.tuple(text, fc.nat()).map(([whole, at]) => whole.slice(0, at % (whole.length + 1))),
    fc.tuple(text, fc.nat(), fc.string()).map(([whole, at, more]) => {
      const middle = at % (whole.length + 1);
      return whole.slice(0, middle) + more + whole.slice(middle + more.length);
    }),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  );
};

/** Reviews that are wrong in every way, for `/convert` and for these paths. */
export const attempts = (paths: readonly string[]): fc.Arbitrary<Attempt> =>
  fc.oneof(
    fc.record({ path: fc.constant('/convert'), body: spelled(fc.oneof(conversion, damage(conversion), junk)) }),
    fc.record({
      path: fc.constantFrom(...paths),
      body: spelled(fc.oneof(admission, damage(admission), junk)),
    }),
  );
