// One configuration for every room; `e2e/ci/src/jest.ts` chooses room and kind. ESM, sources through swc, no build (libraries.md §3).
const testMatch = {
  unit: ['**/src/**/*.test.ts', '**/testing/**/*.test.ts', '**/generate/**/*.test.ts'],
  component: ['**/test/**/*.it.test.ts'],
  scenario: ['**/*.scenario.test.ts'],
  faults: ['**/*.faults.test.ts'],
};
const kind = process.env.TEST_KIND ?? 'unit';

module.exports = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024', experimental: { keepImportAttributes: true } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: ['/node_modules/'],
  testMatch: testMatch[kind],
  // Beside the sources too, but on real things.
  testPathIgnorePatterns: ['/node_modules/', ...(kind === 'unit' ? ['\\.(scenario|faults)\\.test\\.ts$'] : [])],
  testTimeout: kind === 'unit' ? 10_000 : 120_000,
  // Component suites hold times against limits; scenarios mostly wait, two labs fill two cores (ER-11).
  maxWorkers: kind === 'unit' || kind === 'scenario' ? 2 : 1,
};
