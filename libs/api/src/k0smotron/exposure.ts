import { typeName, z } from '@k0smotron/crd';
import type { ApiVersionName } from '../declarations/versions.ts';

const port = () => z.int32().min(1).max(65535);
const stringMap = () => z.record(z.string(), z.string());

/** How the API is reached through an ingress. */
export const ingress = () =>
  z
    .object({
      deploy: z.boolean().default(true).describe('Makes the Ingress object; otherwise it is yours to make.'),
      port: port().default(443).describe('Port where clients reach the ingress.'),
      apiHost: z.string().describe('Host name of the API server.'),
      konnectivityHost: z.string().describe('Host name of konnectivity.'),
      className: z.string().optional().describe('Class of the Ingress object.'),
      annotations: stringMap().optional().describe('Annotations of the Ingress object; it must pass TLS through.'),
    })
    .meta(typeName('IngressSpec'))
    .optional()
    .describe('Reaches the API through an ingress that passes TLS through.');

/** What v1beta2 leaves to patches. */
const v1beta1Service = () => ({
  annotations: stringMap().optional().describe('Annotations of the Service.'),
  labels: stringMap().optional().describe('Labels of the Service.'),
  loadBalancerClass: z.string().optional().describe('Class of the load balancer.'),
  externalTrafficPolicy: z.enum(['Cluster', 'Local']).optional().describe('How traffic from outside is spread.'),
});

/** The Service of the API. */
export const service = (version: ApiVersionName) =>
  z
    .object({
      type: z
        .enum(['ClusterIP', 'NodePort', 'LoadBalancer'])
        .default('ClusterIP')
        .describe('Type of the Service; NodePort uses the ports below on the nodes too.'),
      apiPort: port().default(30443).describe('Port of the API.'),
      konnectivityPort: port().default(30132).describe('Port of konnectivity.'),
      ...(version === 'v1beta1' && v1beta1Service()),
    })
    .meta(typeName('ServiceSpec'))
    .default({} as never)
    .describe('The Service of the API.');
