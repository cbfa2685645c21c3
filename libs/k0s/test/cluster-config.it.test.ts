import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { defaultK0sVersion, k0sBinary, k0sVersions } from '@k0smotron/lab';
import { refused, taken, takenWithWarning, type SpecCase } from './cluster-configs.ts';

const describeWithK0s = k0sVersions().includes(defaultK0sVersion) ? describe : describe.skip;

/** The unit tests hold our check against the same cases: this is where the cases come from. */
describeWithK0s('what the real k0s says of a ClusterConfig', () => {
  let dir: string;
  let k0s: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'cluster-config-'));
    ({ path: k0s } = await k0sBinary());
  });
  afterAll(() => rm(dir, { recursive: true }));

  const validate = async (spec: SpecCase['spec']): Promise<unknown> => {
    const path = join(dir, 'k0s.yaml');
    await writeFile(path, JSON.stringify({ apiVersion: 'k0s.k0sproject.io/v1beta1', kind: 'ClusterConfig', spec }));
    return promisify(execFile)(k0s, ['config', 'validate', '--config', path]);
  };

  it.each([...taken, ...takenWithWarning].map(({ what, spec }) => [what, spec] as const))(
    'takes %s',
    async (_, spec) => {
      await expect(validate(spec)).resolves.toBeDefined();
    },
  );

  it.each(refused.map(({ what, spec }) => [what, spec] as const))('refuses %s', async (_, spec) => {
    await expect(validate(spec)).rejects.toThrow(/Error: /);
  });
});
