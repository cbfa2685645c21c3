import { labels, Secret } from '@k0smotron/api';
import { controllerRef, done, during, type KubeObject, type Outcome } from '@k0smotron/core';
import type { Step } from '@k0smotron/runtime';
import { dataSecretType, type BootstrapData } from '../../data/bootstrap-data.ts';
import { fieldManager } from '../../names.ts';
import { reportData } from '../report.ts';
import { owned, type BootstrapConfig, type ConfigScope } from '../scope.ts';

/** Makes the data, or says what has to come first. */
export type MakeData<C extends BootstrapConfig> = (
  scope: ConfigScope<C>,
  signal: AbortSignal,
) => Promise<BootstrapData | Outcome>;

/**
 * Makes the Secret with the bootstrap data, once; it is never made anew (B-03). A Secret that an earlier, interrupted run
 * has made is taken as it is, so no second token is minted for it.
 */
export const ensureDataSecret = <C extends BootstrapConfig>(makeData: MakeData<C>): Step<ConfigScope<C>> => ({
  name: 'ensure data secret',

  async run(scope, signal) {
    const { run, config } = scope;
    const key = { namespace: config.metadata.namespace, name: config.metadata.name };
    const existing = await run.kube.get(Secret, key, signal);
    if (existing && !isOurs(existing, config)) {
      const message = `Secret ${key.name} exists and belongs to somebody else: rename the config or remove the Secret`;
      reportData(run, 'False', 'DataSecretGenerationFailed', message);
      throw new Error(message);
    }
    if (!existing) {
      const data = await makeData(scope, signal).catch((cause: unknown) => {
        const failure = during('make bootstrap data', cause);
        reportData(run, 'False', 'DataSecretGenerationFailed', failure.message);
        throw failure;
      });
      if ('kind' in data) return data;
      await run.kube.create(Secret, secretOf(owned(scope), data), { fieldManager }, signal);
    }
    run.status.dataSecretName = key.name;
    run.status.initialization = { dataSecretCreated: true };
    reportData(run, 'True', 'Available', '');
    run.event('Normal', 'DataSecretCreated', `Bootstrap data is in Secret ${key.name}`);
    return done;
  },
});

const isOurs = (secret: KubeObject, { metadata }: BootstrapConfig): boolean =>
  secret.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) ?? false;

function secretOf({ config, cluster }: ReturnType<typeof owned>, { text, format }: BootstrapData) {
  const { secretMetadata } = config.spec;
  return {
    metadata: {
      name: config.metadata.name,
      namespace: config.metadata.namespace,
      labels: {
        ...secretMetadata?.labels,
        [labels.clusterName]: cluster.metadata.name,
        'app.kubernetes.io/component': 'bootstrap',
      },
      ...(secretMetadata?.annotations ? { annotations: secretMetadata.annotations } : {}),
      ownerReferences: [controllerRef(config)],
    },
    type: dataSecretType,
    data: { value: toBase64(text), format: toBase64(format) },
  };
}

const toBase64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
