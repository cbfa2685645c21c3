import { defineKind, quantity, typeName, z } from '@k0smotron/crd';
import { embeddedMetadata } from '../declarations/fields/meta.ts';
import { bothVersions, categories, columns, contractLabels, groups } from '../declarations/versions.ts';
import { provisionJob } from './remote-machine.ts';

const spec = () =>
  z
    .object({
      template: z
        .object({
          metadata: embeddedMetadata(),
          spec: z
            .object({
              pool: z.string().describe('Pool that the machines are taken from.'),
              provisionJob: provisionJob(),
            })
            .optional()
            .describe('Spec of the machines: a template describes pooled machines only.'),
        })
        .describe('What each machine looks like.'),
    })
    .meta(typeName('RemoteMachineTemplateSpec'));

const status = () =>
  z.object({
    capacity: z
      .record(z.string(), quantity())
      .optional()
      .describe('Resources of one machine, for scaling from zero. Stored; not filled by us yet.'),
    nodeInfo: z
      .object({
        architecture: z.enum(['amd64', 'arm64', 's390x', 'ppc64le']).optional().describe('Processor architecture.'),
        operatingSystem: z.string().optional().describe('Operating system.'),
      })
      .optional()
      .describe('What the Nodes will be like, for scaling from zero. Stored; not filled by us yet.'),
  });

/** What MachineDeployments and control planes copy RemoteMachines from. */
export const RemoteMachineTemplate = defineKind({
  group: groups.infrastructure,
  kind: 'RemoteMachineTemplate',
  plural: 'remotemachinetemplates',
  categories,
  labels: contractLabels('infrastructure'),
  summary: 'RemoteMachineTemplate is what MachineDeployments and control planes copy RemoteMachines from.',
  versions: bothVersions({
    spec,
    status,
    v1beta1Deprecated: true,
    columns: () => [{ name: 'Pool', path: '.spec.template.spec.pool' }, columns.age],
  }),
});
