import { celRules, coreType, preserveUnknown, typeName, withCoreFields, z } from '@k0smotron/crd';
import { embeddedMetadata } from '../declarations/fields/meta.ts';
import { persistenceComplete } from './rules.ts';

const volumeClaim = () =>
  z
    .object({
      apiVersion: z.string().optional().describe('Ignored.'),
      kind: z.string().optional().describe('Ignored.'),
      metadata: embeddedMetadata().describe('Metadata of the claims; unset name means one after the cluster.'),
      spec: coreType('v1', 'PersistentVolumeClaimSpec').optional().describe('Spec of the claims.'),
      status: preserveUnknown().optional().describe('Ignored.'),
    })
    .meta(typeName('VolumeClaim'))
    .optional()
    .describe('The claim, for type pvc.');

/** Where controllers keep what they write to disk. */
export const persistence = () =>
  z
    .object({
      type: z.enum(['emptyDir', 'hostPath', 'pvc']).default('emptyDir').describe('Kind of volume for /var/lib/k0s.'),
      persistentVolumeClaim: volumeClaim(),
      autoDeletePVCs: z.boolean().default(false).describe('Deletes the claims together with the cluster.'),
      hostPath: z.string().optional().describe('Folder on the node, for type hostPath.'),
    })
    .meta({ ...typeName('PersistenceSpec'), ...celRules(...persistenceComplete) })
    // The type is named, because the API server checks a default before it fills in those inside it.
    .default({ type: 'emptyDir' } as never)
    .describe('Where controllers keep what they write to disk.');

/** More files in the pods of the controllers. */
export const volumes = () => ({
  manifests: z
    .array(
      withCoreFields('v1', 'VolumeSource', {
        name: z.string().describe('Name of the volume, and of the stack of manifests.'),
      })
        .meta(typeName('Manifest'))
        .describe('A volume with manifests.'),
    )
    .optional()
    .describe('Volumes with manifests that k0s applies to the cluster.'),
  mounts: z
    .array(
      withCoreFields('v1', 'VolumeSource', {
        path: z.string().describe('Where it is mounted.'),
        readOnly: z.boolean().optional().describe('Mounts it read-only; ConfigMaps and Secrets always are.'),
      })
        .meta(typeName('Mount'))
        .describe('A volume that is mounted.'),
    )
    .optional()
    .describe('Volumes to mount into the controllers.'),
});

/** Metrics of the controllers. */
export const monitoring = () =>
  z
    .object({
      enabled: z.boolean().describe('Runs Prometheus beside each controller.'),
      prometheusImage: z.string().default('quay.io/k0sproject/prometheus:v2.44.0').describe('Image of Prometheus.'),
      proxyImage: z.string().default('nginx:1.19.10').describe('Image of the proxy that serves the metrics.'),
    })
    .meta(typeName('MonitoringSpec'))
    .optional()
    .describe('Metrics of the controllers.');

/** Changes of generated objects (v1beta2). */
export const patches = () =>
  z
    .array(
      z
        .object({
          target: z
            .object({
              kind: z.string().describe('Kind of the generated object.'),
              component: z.string().describe('Its label `app.kubernetes.io/component`.'),
            })
            .describe('Which generated object is changed.'),
          patch: z
            .object({
              type: z
                .enum(['json', 'strategic', 'merge'])
                .describe('RFC 6902, strategic merge patch of Kubernetes, or RFC 7386.'),
              content: z.string().describe('The patch, in YAML or JSON.'),
            })
            .describe('How it is changed.'),
        })
        .meta(typeName('ComponentPatch'))
        .describe('A change of a generated object.'),
    )
    .optional()
    .describe('Changes of generated objects, made in this order before they are applied.');
