import { expect, it } from '@jest/globals';
import { judgeSizes } from './sizes.ts';

const files = (...sizes: readonly number[]) => sizes.map((lines, at) => ({ path: `${at}.ts`, lines }));

it('says nothing against files of usual size', () => {
  const { problems, summary } = judgeSizes(files(400, 110, 20));
  expect(problems).toEqual([]);
  expect(summary).toBe('3 files, median 110, p90 110, largest 400 (0.ts)');
});

it('names each file that is too long', () => {
  expect(judgeSizes(files(401, 1, 2)).problems).toEqual(['0.ts has 401 lines, the limit is 400']);
});

it('refuses files that are long as a rule', () => {
  expect(judgeSizes(files(111, 111, 1)).problems).toEqual(['the median file has 111 lines, the limit is 110']);
});
