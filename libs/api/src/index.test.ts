import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as api from './index.ts';
import { declarations } from './declarations/index.ts';

describe('@k0smotron/api', () => {
  it('loads neither zod nor the declarations (ER-1)', () => {
    const script =
      "const { registerHooks } = require('node:module'); const seen = [];" +
      'registerHooks({ load: (url, context, next) => (seen.push(url), next(url, context)) });' +
      "import(process.argv[1]).then(() => console.log(seen.join('\\n')));";
    const loaded = execFileSync(process.execPath, ['-e', script, join(import.meta.dirname, 'index.ts')], {
      encoding: 'utf8',
    });
    expect(loaded).toContain('generated/kinds.ts');
    expect(loaded).not.toMatch(/zod|declarations|libs\/crd/);
  });

  it('exports a constant for each kind, in the stored version', () => {
    const exported = api as unknown as Record<string, unknown>;
    for (const { kind, typescriptName = kind, group, plural, versions } of declarations) {
      const version = versions.find(({ storage }) => storage)?.name;
      expect(exported[typescriptName]).toEqual({ kind, group, plural, version, namespaced: true });
    }
  });
});
