// Cuts the embedded core types out of a real API server's OpenAPI document:
//   kubectl get --raw /openapi/v3/apis/batch/v1 > openapi.json
//   node libs/crd/generate/core-types.ts openapi.json v1.36.3
// Run when the pinned Kubernetes changes; a component test of libs/api compares the result with the running server.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cutCoreType } from '../src/cut-core-type.ts';

const [document, kubernetes] = process.argv.slice(2);
if (document === undefined || kubernetes === undefined) {
  console.error('usage: node libs/crd/generate/core-types.ts <openapi.json> <version of Kubernetes>');
  process.exit(1);
}
const { components } = JSON.parse(readFileSync(document, 'utf8')) as {
  components: { schemas: Record<string, Record<string, unknown>> };
};
const types = { 'batch/v1.JobSpec': cutCoreType('io.k8s.api.batch.v1.JobSpec', components.schemas) };
const target = join(import.meta.dirname, '../src/generated/core-types.json');
writeFileSync(target, `${JSON.stringify({ kubernetes, types })}\n`);
