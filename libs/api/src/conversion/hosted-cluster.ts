import { annotations } from '../names/annotations.ts';
import { annotated } from './annotated.ts';
import { nested, onlyInV1beta2, renamed } from './generic-rules.ts';
import { fieldOf, setAt, takeAt, type Path } from './json.ts';
import type { Rule } from './rule.ts';

/** Three fields of v1beta1 are one object in v1beta2, where there is also NATS. */
function storageRule(base: Path): Rule {
  const etcd = [...base, 'etcd'];
  const url = [...base, 'kineDataSourceURL'];
  const secret = [...base, 'kineDataSourceSecretName'];
  const storage = [...base, 'storage'];
  return {
    up: (draft) => {
      const [members, dataSourceURL, dataSourceSecretName] = [etcd, url, secret].map((path) => takeAt(draft, path));
      const kine = {
        ...(dataSourceURL !== undefined && { dataSourceURL }),
        ...(dataSourceSecretName !== undefined && { dataSourceSecretName }),
      };
      const named = Object.keys(kine).length > 0;
      if (!named && members === undefined) return;
      // With the default of the type, because a stored object without it would change when it is next written (SR-16).
      setAt(draft, storage, {
        type: dataSourceURL || dataSourceSecretName ? 'kine' : 'etcd',
        ...(named && { kine }),
        ...(members !== undefined && { etcd: members }),
      });
    },
    down: (draft) => {
      const before = takeAt(draft, storage);
      const put = (path: Path, value: unknown) => value !== undefined && setAt(draft, path, value);
      put(etcd, fieldOf(before, 'etcd'));
      if (fieldOf(before, 'type') !== 'kine') return;
      const kine = fieldOf(before, 'kine');
      put(url, fieldOf(kine, 'dataSourceURL'));
      put(secret, fieldOf(kine, 'dataSourceSecretName'));
    },
    guards: [
      { version: 'v1beta2', path: storage, belongsTo: [etcd, url, secret] },
      { version: 'v1beta2', path: [...storage, 'type'], belongsTo: [url, secret] },
      { version: 'v1beta2', path: [...storage, 'kine'], belongsTo: [url, secret] },
      { version: 'v1beta2', path: [...storage, 'nats'], belongsTo: [] },
      {
        version: 'v1beta1',
        path: url,
        belongsTo: [
          [...storage, 'type'],
          [...storage, 'kine'],
        ],
      },
      {
        version: 'v1beta1',
        path: secret,
        belongsTo: [
          [...storage, 'type'],
          [...storage, 'kine'],
        ],
      },
    ],
  };
}

/** What v1beta1 says of the Service beyond v1beta2. */
function serviceRules(base: Path): readonly Rule[] {
  const service = [...base, 'service'];
  const { labels, annotations: notes, loadBalancerClass, externalTrafficPolicy } = annotations.droppedService;
  return [
    annotated([...service, 'labels'], labels, 'texts'),
    annotated([...service, 'annotations'], notes, 'texts'),
    annotated([...service, 'loadBalancerClass'], loadBalancerClass, 'text'),
    annotated([...service, 'externalTrafficPolicy'], externalTrafficPolicy, 'text'),
  ];
}

/** Everything that differs in a hosted cluster's spec found at `base`. */
export const hostedClusterRules = (base: Path): readonly Rule[] => [
  storageRule(base),
  ...serviceRules(base),
  nested([...base, 'kubeconfigRef'], [...base, 'remoteHostCluster', 'kubeconfigRef']),
  renamed([...base, 'controllerPlaneFlags'], [...base, 'controlPlaneFlags']),
  onlyInV1beta2([...base, 'patches']),
];
