// Cuts the schema of ClusterConfig out of a k0s program, and asks that program about each rule in it (about 40 s):
//   node e2e/ci/src/generate-cluster-config-schema.ts <k0s program>
// Run when the newest supported k0s changes, and `npm run generate` after it. A component test of libs/k0s holds the result
// against the real program.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterConfigSpec } from './cluster-config/crd.ts';
import { Enforced } from './cluster-config/enforced.ts';
import { Place } from './cluster-config/place.ts';
import { schemaFile } from './cluster-config/schema-file.ts';

const [program] = process.argv.slice(2);
if (program === undefined) {
  console.error('usage: node e2e/ci/src/generate-cluster-config-schema.ts <k0s program>');
  process.exit(1);
}
const dir = mkdtempSync(join(tmpdir(), 'cluster-config-'));
try {
  const file = join(dir, 'k0s.yaml');
  const enforced = new Enforced((spec) => {
    writeFileSync(file, JSON.stringify({ apiVersion: 'k0s.k0sproject.io/v1beta1', kind: 'ClusterConfig', spec }));
    return spawnSync(program, ['config', 'validate', '--config', file]).status === 0;
  });
  const schema = enforced.schemaOf(clusterConfigSpec(readFileSync(program)), new Place());
  const version = execFileSync(program, ['version'], { encoding: 'utf8' }).trim();
  writeFileSync(schemaFile, `${JSON.stringify({ version, schema }, undefined, 1)}\n`);
} finally {
  rmSync(dir, { recursive: true });
}
