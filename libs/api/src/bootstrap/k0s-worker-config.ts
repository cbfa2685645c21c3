import { celRule, celRules, defineKind, typeName, z } from '@k0smotron/crd';
import { file } from '../declarations/fields/bootstrap-data.ts';
import { commonConfigFields } from '../declarations/fields/k0s-config.ts';
import { secretMetadata } from '../declarations/fields/meta.ts';
import { bootstrapConfigStatus } from '../declarations/fields/status.ts';
import {
  bothVersions,
  categories,
  columns,
  contractLabels,
  groups,
  type ApiVersionName,
} from '../declarations/versions.ts';

const workerFields = () => ({
  version: z
    .string()
    .optional()
    .describe("k0s version, for example v1.34.4+k0s.0; unset means the owner's version, else the newest."),
  secretMetadata: secretMetadata().describe('Labels and annotations of the bootstrap Secret.'),
});

/** The spec as templates hold it: as in the original, only single configurations are checked. */
export const workerTemplateSpec = (version: ApiVersionName) =>
  z.object({ ...commonConfigFields(version), ...workerFields() }).meta(typeName('K0sWorkerConfigSpec'));

const oneSource = celRules(
  {
    rule: 'has(self.content) != has(self.contentFrom)',
    message: 'write either content or contentFrom, and exactly one of them',
  },
  {
    rule: '!has(self.contentFrom) || !(has(self.contentFrom.secretRef) && has(self.contentFrom.configMapRef))',
    message: 'contentFrom takes secretRef or configMapRef, not both',
  },
);

const workerSpec = (version: ApiVersionName) => {
  const files = z.array(file().meta(oneSource)).optional();
  return z
    .object({
      ...commonConfigFields(version, files),
      ...workerFields(),
      version: z
        .string()
        .max(128)
        .meta(celRule("!self.contains('-k0s.')", 'write the version with a plus sign, for example v1.34.4+k0s.0'))
        .optional()
        .describe("k0s version, for example v1.34.4+k0s.0; unset means the owner's version, else the newest."),
    })
    .meta(typeName('K0sWorkerConfigSpec'))
    .default({} as never);
};

/** Makes a machine a k0s worker. */
export const K0sWorkerConfig = defineKind({
  group: groups.bootstrap,
  kind: 'K0sWorkerConfig',
  plural: 'k0sworkerconfigs',
  categories,
  labels: contractLabels('bootstrap'),
  summary: 'K0sWorkerConfig makes the bootstrap data that turns a machine into a k0s worker.',
  versions: bothVersions({
    spec: workerSpec,
    status: bootstrapConfigStatus,
    v1beta1Deprecated: true,
    columns: () => [
      columns.cluster,
      { name: 'Secret', path: '.status.dataSecretName' },
      { name: 'Version', path: '.spec.version' },
      columns.ready,
      columns.age,
      columns.message,
    ],
  }),
});
