import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Which folder may import which is held by `.dependency-cruiser.cjs`; layout is Prettier's. */
export default defineConfig(
  globalIgnores(['dist/', 'coverage/']),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      'no-restricted-syntax': [
        'error',
        { selector: 'SpreadElement > ObjectExpression', message: 'Write the properties where they belong.' },
      ],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/unbound-method': 'off', // objects here are closures, made to be taken apart; `this` is rare
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/require-await': 'off', // an interface may ask for a promise where one implementation needs none
    },
  },
  {
    // Workflow code is run again from history: whatever differs from run to run, or reaches outside, breaks it.
    files: ['workflows/**'],
    rules: {
      'no-restricted-globals': ['error', 'fetch', 'process', 'Buffer', 'setImmediate'],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['node:*'], message: 'A workflow cannot reach Node: do it in an activity.' },
            {
              regex: '^@temporalio/(activity|client|worker|testing)',
              message: 'A workflow runs apart from these; it may use @temporalio/workflow.',
            },
            {
              regex: '(^|/)activities(/|$)',
              allowTypeImports: true,
              message: 'Import the types only, and call through a proxy.',
            },
          ],
        },
      ],
    },
  },
  {
    // `process.env` is read in one place, so that everything that can be set is listed there; the command line hands it on.
    files: ['src/**', 'activities/**'],
    ignores: ['src/config.ts', 'src/cli.ts', 'src/commands/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Read it in src/config.ts and hand the value on.' },
      ],
    },
  },
  {
    // A test takes answers apart as they come; that they have the right shape is what it checks.
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: {
        module: 'writable',
        require: 'readonly',
        __dirname: 'readonly',
        process: 'readonly',
        setTimeout: 'readonly',
      },
    },
  },
);
