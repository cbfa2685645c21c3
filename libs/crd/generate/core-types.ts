// Cuts the embedded core types out of a real API server's OpenAPI document:
//   kubectl get --raw /openapi/v3/apis/batch/v1 > openapi.json
//   node libs/crd/generate/core-types.ts openapi.json v1.36.3
// Run when the pinned Kubernetes changes; a component test of libs/api compares the result with the running server.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cutCoreType, volumeSourceOf } from '../src/cut-core-type.ts';

const [document, kubernetes] = process.argv.slice(2);
if (document === undefined || kubernetes === undefined) {
  console.error('usage: node libs/crd/generate/core-types.ts <openapi.json> <version of Kubernetes>');
  process.exit(1);
}
const { components } = JSON.parse(readFileSync(document, 'utf8')) as {
  components: { schemas: Record<string, Record<string, unknown>> };
};
const cut = (name: string) => cutCoreType(`io.k8s.api.${name}`, components.schemas);
const types = {
  'batch/v1.JobSpec': cut('batch.v1.JobSpec'),
  'v1.PersistentVolumeClaimSpec': cut('core.v1.PersistentVolumeClaimSpec'),
  'v1.ResourceRequirements': cut('core.v1.ResourceRequirements'),
  'v1.TopologySpreadConstraint': cut('core.v1.TopologySpreadConstraint'),
  'v1.VolumeSource': volumeSourceOf(cut('core.v1.Volume')),
};
const target = join(import.meta.dirname, '../src/generated/core-types.json');
writeFileSync(target, `${JSON.stringify({ kubernetes, types })}\n`);
