import { celRules, listMap, typeName, z } from '@k0smotron/crd';
import { capiMetadata, contractReference, objectReference } from '../declarations/fields/meta.ts';

const seconds = (what: string) => z.int32().min(0).optional().describe(`${what}, in seconds; 0 means no limit.`);

/** Timeouts as the v1beta1 contract of Cluster API writes them. */
const durations = () => ({
  nodeDrainTimeout: z.string().optional().describe('Limit for draining a node, for example 5m.'),
  nodeVolumeDetachTimeout: z.string().optional().describe('Limit for detaching volumes.'),
  nodeDeletionTimeout: z.string().optional().describe('Limit for deleting the Node.'),
});

/** What the v1beta2 contract of Cluster API writes under `machineTemplate.spec`. */
const contractFields = () => ({
  readinessGates: z
    .array(
      z.object({
        conditionType: z.string().min(1).max(316).describe('Condition of the Machine to look at.'),
        polarity: z
          .enum(['Positive', 'Negative'])
          .optional()
          .describe('Whether True is good (Positive, the default) or bad.'),
      }),
    )
    .max(32)
    .meta(listMap('conditionType'))
    .optional()
    .describe('More conditions that a Machine needs to be ready.'),
  deletion: z
    .object({
      nodeDrainTimeoutSeconds: seconds('Limit for draining a node'),
      nodeVolumeDetachTimeoutSeconds: seconds('Limit for detaching volumes'),
      nodeDeletionTimeoutSeconds: seconds('Limit for deleting the Node'),
    })
    .meta({ ...typeName('MachineDeletionSpec'), minProperties: 1 })
    .optional()
    .describe('Limits for the deletion of machines.'),
  taints: z
    .array(
      z.object({
        key: z.string().min(1).max(317).describe('Key of the taint.'),
        value: z.string().max(63).optional().describe('Value of the taint.'),
        effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).describe('Effect of the taint.'),
        propagation: z.enum(['Always', 'OnInitialization']).describe('When the taint is put on the Node.'),
      }),
    )
    .max(64)
    .meta(listMap('key', 'effect'))
    .optional()
    .describe('Taints of the Nodes, for which Cluster API core needs its feature gate MachineTaintPropagation.'),
});

const oneReference = celRules(
  {
    rule: 'has(self.infrastructureRef) || (has(self.spec) && has(self.spec.infrastructureRef))',
    message:
      'machineTemplate needs the template of its machines: write machineTemplate.spec.infrastructureRef with apiGroup, kind and name',
  },
  {
    rule:
      '!has(self.infrastructureRef) || !has(self.spec) || !has(self.spec.infrastructureRef) || ' +
      '(has(self.infrastructureRef.kind) && has(self.infrastructureRef.name) && ' +
      'self.infrastructureRef.kind == self.spec.infrastructureRef.kind && self.infrastructureRef.name == self.spec.infrastructureRef.name)',
    message:
      'machineTemplate.infrastructureRef and machineTemplate.spec.infrastructureRef name different templates: write only machineTemplate.spec.infrastructureRef',
  },
);

/** The machines of a control plane: both contracts' places for the reference and the timeouts, in both versions. */
export const machineTemplate = () =>
  z
    .object({
      metadata: capiMetadata().describe(
        'Labels and annotations for Machines, configurations and infrastructure machines.',
      ),
      infrastructureRef: objectReference().describe(
        'Template of the machines, with apiVersion, kind and name: the place of the v1beta1 contract.',
      ),
      ...durations(),
      spec: z
        .object({
          infrastructureRef: contractReference().describe(
            'Template of the machines, with apiGroup, kind and name: the place of the v1beta2 contract.',
          ),
          ...contractFields(),
        })
        .optional()
        .describe('What the v1beta2 contract of Cluster API sets.'),
    })
    .meta({ ...typeName('MachineTemplate'), ...oneReference });

/** The same in K0sControlPlaneTemplate, where the topology fills in the reference. */
export const machineTemplateResource = () =>
  z
    .object({
      metadata: capiMetadata().describe(
        'Labels and annotations for Machines, configurations and infrastructure machines.',
      ),
      ...durations(),
      spec: z.object(contractFields()).optional().describe('What the v1beta2 contract of Cluster API sets.'),
    })
    .meta(typeName('MachineTemplateResource'))
    .optional()
    .describe('The machines of the control plane; topologies add the reference.');
