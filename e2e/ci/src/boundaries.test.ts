import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';

const trespasser = 'libs/rollout/src/trespasser.ts';

/** A domain room that imports an adapter, and an outside library that has a door of its own. */
const code = `import { connectKube } from '@k0smotron/kube';
import ssh2 from 'ssh2';
export const trespass = [connectKube, ssh2];
`;

describe('lint keeps the layers', () => {
  let said = '';

  beforeAll(() => {
    writeFileSync(trespasser, code);
    const { stdout, stderr } = spawnSync(
      'nx',
      ['run', '@k0smotron/rollout:lint', '--skip-nx-cache', '--output-style=static'],
      {
        encoding: 'utf8',
        env: { ...process.env, NODE_OPTIONS: '' },
      },
    );
    said = stdout + stderr;
  }, 300_000);

  afterAll(() => rmSync(trespasser, { force: true }));

  it('refuses a room that imports across', () => {
    expect(said).toContain('@nx/enforce-module-boundaries');
  });

  it('refuses an outside library beside its door', () => {
    expect(said).toContain('Import it through @k0smotron/ssh');
  });
});
