import { beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';

/** A domain room that imports an adapter, and an outside library that has a door of its own. */
const trespass = `import { connectKube } from '@k0smotron/kube';
import ssh2 from 'ssh2';
export const trespass = [connectKube, ssh2];
`;

describe('lint keeps the layers', () => {
  let said = '';

  beforeAll(() => {
    const call = (command: string, ...args: string[]): string =>
      spawnSync(command, args, { encoding: 'utf8', input: trespass, env: { ...process.env, NODE_OPTIONS: '' } }).stdout;
    call('nx', 'show', 'projects'); // without nx's graph the rule would be silent
    said = call('eslint', '--stdin', '--stdin-filename=libs/rollout/src/index.ts');
  }, 300_000);

  it('refuses a room that imports across', () => {
    expect(said).toContain('@nx/enforce-module-boundaries');
  });

  it('refuses an outside library beside its door', () => {
    expect(said).toContain('Import it through @k0smotron/ssh');
  });
});
