import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const layer = (name, ...allowed) => ({
  sourceTag: `layer:${name}`,
  onlyDependOnLibsWithTags: allowed.map((it) => (it.includes(':') ? it : `layer:${it}`)),
});

/** Who may import whom: docs/architecture.md. One direction: base ← model ← domain | adapter ← runtime ← app. */
const layers = [
  layer('base', 'base'),
  layer('model', 'base', 'model'),
  layer('domain', 'base', 'model'),
  layer('adapter', 'base', 'model'),
  layer('runtime', 'base', 'model', 'room:kube', 'room:bus', 'room:runtime'),
  layer('app', 'base', 'model', 'domain', 'adapter', 'runtime'),
  layer('testing', 'base', 'model'),
  layer('e2e', '*'),
  { sourceTag: 'room:events', notDependOnLibsWithTags: ['room:api'] },
];

/** Each outside library has one door. */
const doors = {
  ssh2: 'ssh',
  undici: 'kube',
  '@kubernetes/client-node': 'kube',
  '@nats-io/*': 'bus',
  '@grpc/*': 'etcd',
  pino: 'telemetry',
  '@opentelemetry/*': 'telemetry',
  fastify: 'runtime',
  '@peculiar/x509': 'pki',
  semver: 'k0s',
  zod: 'crd',
  croner: 'snapshot',
  'age-encryption': 'snapshot',
  '@aws-sdk/*': 'object-store',
};
const everyDoor = Object.keys(doors);
const roomsWithDoors = [...new Set(Object.values(doors))];
const banned = (room) => everyDoor.filter((library) => doors[library] !== room);

export default tseslint.config(
  {
    ignores: ['**/node_modules', '**/dist', '**/generated', '.nx', '.results', 'jest.preset.cjs', 'eslint.config.mjs'],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { enforceBuildableLibDependency: false, allow: [], depConstraints: layers },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      complexity: ['warn', 12],
      'max-depth': ['warn', 3],
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' }],
    },
  },
  // Apps and domain rooms reach the outside through adapters.
  ...['apps/**', 'libs/**'].map((where) => ({
    files: [`${where}/src/**/*.ts`],
    ignores: roomsWithDoors.map((room) => `libs/${room}/**`).concat('**/*.test.ts', 'libs/api/**', 'libs/events/**'),
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: everyDoor.map((group) => ({
            group: [group],
            message: `Import it through @k0smotron/${doors[group]}.`,
          })),
        },
      ],
    },
  })),
  ...roomsWithDoors.map((room) => ({
    files: [`libs/${room}/src/**/*.ts`],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: banned(room).map((group) => ({
            group: [group],
            message: `Import it through @k0smotron/${doors[group]}.`,
          })),
        },
      ],
    },
  })),
  // Tests and e2e may use testing rooms; the layer rule stays for everything else.
  {
    files: ['**/*.test.ts', '**/test/**/*.ts', '**/testing/**/*.ts'],
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: ['@k0smotron/testing', '@k0smotron/lab', '@k0smotron/*/testing'],
          depConstraints: layers.map((it) =>
            it.onlyDependOnLibsWithTags ? { ...it, onlyDependOnLibsWithTags: ['*'] } : it,
          ),
        },
      ],
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
