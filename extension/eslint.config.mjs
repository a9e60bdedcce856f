// Layers of src/, low to high: a file imports only from layers below its own.
import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const layers = ['types', 'frame', 'api', 'model', 'viewers', 'widgets'];

export default defineConfig([
  {
    ignores: [
      'node_modules',
      'lib',
      'daisy_lab/*',
      '!daisy_lab/pages',
      '*.config.mts',
      '*.mjs'
    ]
  },
  ...tseslint.configs.recommended,
  {
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    plugins: { jupyter },
    languageOptions: { parserOptions: { project: 'tsconfig.test.json' } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { args: 'none' }],
      '@typescript-eslint/naming-convention': [
        'error',
        {
          selector: 'interface',
          format: ['PascalCase'],
          custom: { regex: '^I[A-Z]', match: true }
        }
      ],
      'no-console': 'error',
      curly: ['error', 'all'],
      eqeqeq: 'error',
      'prefer-arrow-callback': 'error'
    }
  },
  ...layers.slice(0, -1).map((layer, i) => ({
    files: [`src/${layer}.ts`, `src/${layer}/**`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^\\.{1,2}/(?:.*/)?(${layers.slice(i + 1).join('|')})(/|$)`
            }
          ]
        }
      ]
    }
  })),
  prettier
]);
