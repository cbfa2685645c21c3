import { describe, expect, it } from '@jest/globals';
import { findCycles } from './cycles.ts';

const files = (imports: Readonly<Record<string, string>>) =>
  Object.entries(imports).map(([path, text]) => ({ path: `libs/x/src/${path}`, text }));

describe('circles of imports', () => {
  it('are found, with the way round', () => {
    const circle = files({
      'a.ts': "import { b } from './deep/b.ts';",
      'deep/b.ts': "export { c } from '../c.ts';",
      'c.ts': "import { a } from './a.ts';",
      'd.ts': "import { a } from './a.ts';",
    });
    expect(findCycles(circle)).toEqual([
      ['libs/x/src/a.ts', 'libs/x/src/deep/b.ts', 'libs/x/src/c.ts', 'libs/x/src/a.ts'],
    ]);
  });

  it('are found through types, and through what is loaded later', () => {
    const typed = { 'a.ts': "import type { B } from './b.ts';", 'b.ts': "import { type A } from './a.ts';" };
    expect(findCycles(files(typed))).toHaveLength(1);
    const later = { 'a.ts': "const b = () => import('./b.ts');", 'b.ts': "import { a } from './a.ts';" };
    expect(findCycles(files(later))).toHaveLength(1);
  });

  it('are not seen where two ways lead to one file', () => {
    const fan = {
      'a.ts': "import './b.ts'; import './c.ts';",
      'b.ts': "import './d.ts'; import { x } from '@k0smotron/core';",
      'c.ts': "import './d.ts';",
      'd.ts': 'export const d = 1;',
    };
    expect(findCycles(files(fan))).toEqual([]);
  });
});
